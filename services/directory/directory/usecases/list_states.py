"""What an entry of the national register was, state by state."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from directory.domain.states import Difference, differences
from directory.store import past, structures_past
from directory.usecases.search_structures import show_structure
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
    """Up to `limit` + 1 states of a person, the latest first. Raises Problem 404."""
    await find_professional(work, rpps)
    return _states(await past.states(work, rpps, before, limit + 2), derived={"name"})[: limit + 1]


async def list_site_states(work: Work, finess: str, before: int, limit: int) -> list[State]:
    """Up to `limit` + 1 states of a structure, the latest first. Raises Problem 404."""
    await show_structure(work, finess)
    return _states(await structures_past.states(work, finess, before, limit + 2))[: limit + 1]


def _states(rows: Sequence[Record], derived: Collection[str] = ()) -> list[State]:
    """The oldest row tells what the one before it changed, and is a state itself when it is the first of all."""
    earlier = [row["state"] for row in rows[1:]] + [None]
    return [_state(row, old, derived) for row, old in zip(rows, earlier, strict=True)]


def _state(row: Record, old: dict[str, Any] | None, derived: Collection[str]) -> State:
    state = row["state"]
    told = {name: value for name, value in row.items() if name != "state"}
    return State(**told, listed=state["listed"], changed=differences(old, state, derived) if old is not None else [])
