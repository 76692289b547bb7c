"""What a person's entry was, state by state."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from directory.domain.states import Difference, differences
from directory.store import past
from directory.usecases.show_professional import find_professional
from kit.work import Record, Work


@dataclass(frozen=True)
class State:
    """One state of an entry, and in what it differs from the one before (nothing, for the first)."""

    version: int
    valid_from: datetime
    valid_until: datetime | None
    import_id: UUID | None
    listed: bool
    changed: list[Difference]


async def list_states(work: Work, rpps: str, before: int, limit: int) -> list[State]:
    """Up to `limit` + 1 states, the latest first. Raises Problem 404."""
    await find_professional(work, rpps)
    rows = await past.states(work, rpps, before, limit + 2)
    earlier = [row["state"] for row in rows[1:]] + [None]
    return [_state(row, old) for row, old in zip(rows, earlier, strict=True)][: limit + 1]


def _state(row: Record, old: dict[str, Any] | None) -> State:
    state = row["state"]
    told = {name: value for name, value in row.items() if name != "state"}
    return State(**told, listed=state["listed"], changed=differences(old, state) if old is not None else [])
