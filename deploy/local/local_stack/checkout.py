"""Where the checkout is and where this stack keeps its state."""

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"


def run_dir(env: Mapping[str, str] = os.environ) -> Path:
    """RUN_DIR, else `.run` of the checkout."""
    return Path(env.get("RUN_DIR") or ROOT / ".run").absolute()


def territories(env: Mapping[str, str] = os.environ) -> list[str]:
    """Slugs of the territories that this deployment serves."""
    folder = Path(env.get("TERRITORIES_DIR") or DEPLOY / "territories")
    return sorted(file.parent.name for file in folder.glob("*/territory.yaml"))
