"""Golden samples: one event of each type, written by its producer's tests and read by its consumers' tests."""

import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson

from contracts.registry import BY_NAME

FOLDER = Path(str(files("contracts"))) / "samples"


def check_sample(event: dict[str, Any]) -> None:
    """Fails when the event differs from its golden sample. `UPDATE_SAMPLES=1` writes the sample instead.

    `event` is the whole envelope, made by the real producing code with a fixed clock and fixed ids.
    """
    path = FOLDER / f"{event['type']}.json"
    if os.environ.get("UPDATE_SAMPLES"):
        path.write_bytes(orjson.dumps(event, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    assert path.exists(), f"no sample of {event['type']}: run with UPDATE_SAMPLES=1"
    assert orjson.loads(path.read_bytes()) == event


def samples(*payloads: type) -> list[dict[str, Any]]:
    """The samples of these payload types (of all types when none is named), for consumers' tests."""
    found = [orjson.loads(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))]
    return [event for event in found if not payloads or BY_NAME[event["type"]].payload in payloads]
