"""Rosters (*plannings*) of a vaccination centre, a plan or an exercise, and their shifts."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from directory.domain.nomenclature import Nomenclature
from directory.store import rosters
from directory.store.rosters import NewRoster, NewShift
from directory.usecases.count_self_employed import count_on_territory
from directory.usecases.known_codes import check_code, check_communes
from directory.usecases.load_reference import Reference
from kit import rows
from kit.auth import Caller
from kit.problems import field_problem, or_404
from kit.work import Record, Work


async def open_roster(work: Work, reference: Reference, caller: Caller, new: NewRoster) -> Record:
    """Stores a roster. Raises Problem 422 for an unknown kind or commune, or an end before its start.

    With the first one it is counted at once who is self-employed, not in the next round of the job: so shares are known
    from the first shift on.
    """
    check_code("kind", new.kind, reference.crisis.roster_kinds)
    await check_communes(work, "commune", [new.commune])
    if new.ends_on < new.starts_on:
        raise field_problem("ends_on", "period_empty", "It ends before it starts")
    row = await rows.add(work, "roster", caller.subject, **new._asdict())
    await count_on_territory(work, reference.territories[work.territory].communes)
    return row


async def show_roster(work: Work, roster_id: UUID) -> Record:
    """A roster of the territory. Raises Problem 404."""
    return or_404(await rows.find(work, "roster", roster_id), "roster_unknown")


async def list_rosters(
    work: Work, *, kind: str | None, on: date | None, after: tuple[date, UUID] | None, limit: int
) -> list[Record]:
    """Rosters, the latest first."""
    filters = [("kind = ?", kind), ("?::date BETWEEN starts_on AND ends_on", on)]
    order = ("starts_on", "id")
    return await rows.listed(work, "roster", filters, order=order, latest_first=True, after=after, limit=limit)


async def add_shifts(
    work: Work, nomenclature: Nomenclature, caller: Caller, roster_id: UUID, new: Sequence[NewShift]
) -> list[UUID]:
    """Adds shifts to a roster, all or none. Raises Problem 404, or 422 that names the shift and the field."""
    await show_roster(work, roster_id)
    for number, shift in enumerate(new):
        if shift.ends_at <= shift.starts_at:
            raise field_problem(f"shifts.{number}.ends_at", "period_empty", "It ends before it starts")
        for code in shift.professions:
            check_code(f"shifts.{number}.professions", code, nomenclature.professions, "/v1/nomenclature")
    return await rosters.add_shifts(work, roster_id, new, caller.subject)


async def list_shifts(
    work: Work,
    roster_id: UUID,
    *,
    since: datetime | None,
    before: datetime | None,
    free: bool,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Record]:
    """Shifts of a roster in order of start. Raises Problem 404."""
    await show_roster(work, roster_id)
    return await rosters.shifts(work, roster_id, since=since, before=before, free=free, after=after, limit=limit)


async def show_participation(work: Work, roster_id: UUID, until: datetime | None) -> list[Record]:
    """Who took part in a roster, counted by profession. Raises Problem 404."""
    await show_roster(work, roster_id)
    return await rosters.participation(work, roster_id, until)


async def cancel_shift(work: Work, caller: Caller, shift_id: UUID) -> Record:
    """Cancels a shift; a repeat changes nothing. Raises Problem 404."""
    row = await find_shift(work, shift_id, lock=True)
    if row["cancelled_at"] is None:
        await rows.change(work, "shift", shift_id, caller.subject, cancelled_at=work.now)
    return await find_shift(work, shift_id)


async def find_shift(work: Work, shift_id: UUID, *, lock: bool = False) -> Record:
    """A shift of the territory. Raises Problem 404."""
    return or_404(await rosters.shift(work, shift_id, lock=lock), "shift_unknown")
