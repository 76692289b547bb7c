"""A deployment whose files a test may change."""

import shutil
from pathlib import Path

from pathways.settings import PathwaysSettings


def copied(settings: PathwaysSettings, deploy: Path, folder: Path) -> tuple[PathwaysSettings, Path]:
    """The same service on a copy of the deployment's files, and where they are."""
    for name in ("territories", "reference"):
        shutil.copytree(deploy / name, folder / name)
    where = {"territories_dir": folder / "territories", "reference_dir": folder / "reference"}
    return settings.model_copy(update=where), folder


def change(path: Path, before: str, after: str) -> None:
    """Puts one text in the place of another, which is there."""
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")
