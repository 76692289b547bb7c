"""Calling volunteers (*appel à volontaires*): the next wave, and whom to give which seat of a roster."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import UUID

CallUpState: TypeAlias = Literal["draft", "open", "closed"]
Span: TypeAlias = tuple[datetime, datetime]
PersonState: TypeAlias = Literal["waiting", "asked", "to_phone"]
"""Not asked yet; written to; without a confirmed channel for alerts, to be phoned."""


@dataclass(frozen=True)
class Volunteer:
    """Somebody who said that they are available from one instant to another."""

    rpps: str
    professions: Collection[str]
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class OpenShift:
    """A shift with `free` seats, for these professions (none: for all)."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    professions: Collection[str]
    free: int


def sends_wave(*, available: int, wanted: int, waiting: int) -> bool:
    """Whether the next wave is asked now: too few have said yes, and somebody is left to ask."""
    return available < wanted and waiting > 0


def seats(
    shifts: Sequence[OpenShift], volunteers: Sequence[Volunteer], duties: Mapping[str, Sequence[Span]]
) -> list[tuple[UUID, str]]:
    """Who takes which shift, in the order of the shifts. `duties`: when each of them is on duty already.

    Only somebody who is available for the whole of it and whose profession it wants, never on two at a time; who has
    the fewest so far comes first, then the order of the volunteers (the nearest first).
    """
    busy = {it.rpps: list(duties.get(it.rpps, ())) for it in volunteers}
    taken: list[tuple[UUID, str]] = []
    for shift in shifts:
        span = (shift.starts_at, shift.ends_at)
        fit = [it for it in volunteers if _fits(it, shift) and not _overlaps(busy[it.rpps], span)]
        for volunteer in sorted(fit, key=lambda it: len(busy[it.rpps]))[: shift.free]:
            busy[volunteer.rpps].append(span)
            taken.append((shift.id, volunteer.rpps))
    return taken


def _fits(volunteer: Volunteer, shift: OpenShift) -> bool:
    there = volunteer.starts_at <= shift.starts_at and shift.ends_at <= volunteer.ends_at
    return there and (not shift.professions or bool(set(shift.professions) & set(volunteer.professions)))


def _overlaps(others: Sequence[Span], span: Span) -> bool:
    return any(starts < span[1] and span[0] < ends for starts, ends in others)
