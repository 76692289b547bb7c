"""One event of every type of the binding list: the golden samples that their producers wrote."""

from typing import Any
from uuid import uuid4

from contracts.envelope import Event
from contracts.registry import EVENTS
from kit.testing.samples import samples


def every_example() -> list[Event[Any]]:
    """In the order of the binding list. Each producer fixes its ids by itself, and two may have chosen the same."""
    found = []
    for kind in EVENTS:
        (golden,) = samples(kind.payload)
        found.append(kind.envelope.model_validate(golden).model_copy(update={"id": uuid4()}))
    return found
