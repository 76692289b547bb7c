"""A call-up of volunteers from its draft to its end: whom it would call, start, progress, close."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from directory.domain.crisis_plans import CallUpRules
from directory.store import call_ups
from directory.store.call_ups import Sought
from directory.usecases.attested_filters import Attested, attested_filters
from directory.usecases.known_codes import check_code
from directory.usecases.load_reference import Reference
from directory.usecases.locate import Where, around
from directory.usecases.rosters import show_roster
from directory.usecases.run_crisis import find_activation
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem, or_404
from kit.work import Record, Work

TABLE = "call_up"
MOST_CALLED = 2000
"""Professionals of one call-up: the largest CPTS count some hundreds."""
LONGEST = timedelta(days=92)
"""How far ahead volunteers are called, and for how long."""


@dataclass(frozen=True)
class CallUpAsked:
    """What a coordinator chooses. None takes the territory's rule."""

    title: str
    professions: Sequence[str]
    specialties: Sequence[str]
    capabilities: Sequence[str]
    commune: str
    radius_km: float | None
    wanted: int
    wave_size: int | None
    wave_minutes: int | None
    needed_from: datetime
    needed_until: datetime
    roster_id: UUID | None
    activation_id: UUID | None


async def draft_call_up(work: Work, reference: Reference, caller: Caller, asked: CallUpAsked) -> Record:
    """A call-up that has called nobody yet. Raises Problem 404 (roster, activation), 422."""
    await _check(work, reference, asked)
    rules: CallUpRules = reference.crisis_rules[work.territory].call_up
    chosen = {name: value for name, value in vars(asked).items() if value is not None}
    lists = {name: list(getattr(asked, name)) for name in ("professions", "specialties", "capabilities")}
    values = rules.model_dump() | chosen | lists
    start = {"state": "draft", "wave": 0, "not_called": "{}", "codes_version": reference.crisis.version}
    return await rows.add(work, TABLE, caller.subject, **values, **start)


async def find_call_up(work: Work, call_up_id: UUID, *, lock: bool = False) -> Record:
    """Raises Problem 404."""
    return or_404(await rows.find(work, TABLE, call_up_id, lock=lock), "call_up_unknown")


async def preview_call_up(work: Work, reference: Reference, call_up_id: UUID) -> tuple[list[Record], dict[str, int]]:
    """Whom it would call if it started now, the nearest first, and why not the others. Raises Problem 404."""
    sought = await _sought(work, reference, await find_call_up(work, call_up_id))
    return await call_ups.called(work, sought, MOST_CALLED), await call_ups.not_called(work, sought)


async def start_call_up(work: Work, reference: Reference, caller: Caller, call_up_id: UUID) -> Record:
    """Fixes whom it calls; the job writes to them wave by wave. Starting again changes nothing.

    Raises Problem 404, 409 `call_up_over`, `nobody_to_call`.
    """
    row = await find_call_up(work, call_up_id, lock=True)
    if row["state"] == "open":
        return row
    if row["state"] == "closed" or row["needed_until"] <= work.now:
        raise Problem(409, "call_up_over", "The call-up is closed or its time is over")
    people, others = await preview_call_up(work, reference, call_up_id)
    if not people:
        raise Problem(409, "nobody_to_call", "Nobody matches: see `preview` for why", not_called=others)
    await call_ups.add_people(work, call_up_id, people, caller.subject)
    values = {"state": "open", "started_at": work.now, "next_wave_at": work.now}
    counts = orjson.dumps(others).decode()
    return await rows.change(work, TABLE, call_up_id, caller.subject, **values, not_called=counts)


async def hurry_call_up(work: Work, caller: Caller, call_up_id: UUID) -> Record:
    """The next wave leaves now, if too few are available. Raises Problem 404, 409 `call_up_over`."""
    row = await find_call_up(work, call_up_id, lock=True)
    if row["state"] != "open":
        raise Problem(409, "call_up_over", "The call-up is not open")
    return await rows.change(work, TABLE, call_up_id, caller.subject, next_wave_at=work.now)


async def close_call_up(work: Work, caller: Caller, call_up_id: UUID) -> Record:
    """Ends it now: links stop, no wave follows. A repeat changes nothing. Raises Problem 404."""
    row = await find_call_up(work, call_up_id, lock=True)
    if row["state"] == "closed":
        return row
    values = {"state": "closed", "closed_at": work.now, "next_wave_at": None}
    return await rows.change(work, TABLE, call_up_id, caller.subject, **values)


async def list_call_ups(
    work: Work, *, state: str | None, until: datetime | None, after: UUID | None, limit: int
) -> list[Record]:
    """Call-ups, the latest first; as they stood before `until` when given."""
    filters = [("state = ?", state)]
    return await rows.listed(work, TABLE, filters, until=until, after=after, latest_first=True, limit=limit)


async def show_progress(work: Work, call_up_id: UUID, until: datetime | None) -> tuple[Record, list[Record]]:
    """A call-up, and its counts in all and by profession. Raises Problem 404."""
    return await find_call_up(work, call_up_id), await call_ups.progress(work, call_up_id, until)


async def show_seats(work: Work, roster_id: UUID | None) -> tuple[int, int] | None:
    """Seats of the roster that it fills, and those taken."""
    return await call_ups.seats(work, roster_id) if roster_id else None


async def list_people(
    work: Work, call_up_id: UUID, *, state: str | None, available: bool | None, after: int | None, limit: int
) -> list[Record]:
    """Whom it calls, the nearest first. Raises Problem 404."""
    await find_call_up(work, call_up_id)
    return await call_ups.people(work, call_up_id, state=state, available=available, after=after, limit=limit)


async def _check(work: Work, reference: Reference, asked: CallUpAsked) -> None:
    known = reference.nomenclature
    for code in asked.professions:
        check_code("professions", code, known.professions, "/v1/nomenclature")
    for code in asked.specialties:
        check_code("specialties", code, known.specialties, "/v1/nomenclature")
    attested_filters(reference, Attested(capability=tuple(asked.capabilities)), bounded=True)
    await around(work, Where(near=asked.commune))
    if asked.needed_until <= asked.needed_from:
        raise field_problem("needed_until", "period_empty", "It ends before it starts")
    if asked.needed_until <= work.now:
        raise field_problem("needed_until", "period_over", "It is over already")
    if asked.needed_until > work.now + LONGEST or asked.needed_until - asked.needed_from > LONGEST:
        raise field_problem("needed_until", "period_too_long", f"Within {LONGEST.days} days")
    if asked.roster_id is not None:
        await show_roster(work, asked.roster_id)
    if asked.activation_id is not None:
        await find_activation(work, asked.activation_id)


async def _sought(work: Work, reference: Reference, row: Record) -> Sought:
    point = await around(work, Where(near=row["commune"], max_distance_km=row["radius_km"]))
    assert point is not None  # noqa: S101 - a commune was named
    capable = attested_filters(reference, Attested(capability=tuple(row["capabilities"])), bounded=True)
    return Sought(
        point,
        reference.territories[work.territory].communes,
        row["professions"],
        row["specialties"],
        capable["capabilities"],
    )
