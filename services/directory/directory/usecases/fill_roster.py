"""Gives the free seats of a roster to the volunteers of a call-up."""

from collections import defaultdict
from uuid import UUID

from directory.domain.call_ups import OpenShift, Span, Volunteer, seats
from directory.store import call_ups, rosters
from directory.usecases.access import check_coordinator
from directory.usecases.run_call_up import MOST_CALLED, find_call_up
from directory.usecases.take_shift import take_shift
from kit.auth import Caller
from kit.problems import Problem
from kit.work import Work

MOST_SHIFTS = 500


async def fill_roster(work: Work, caller: Caller, call_up_id: UUID) -> list[tuple[UUID, str, str | None]]:
    """Signs volunteers up for the shifts to come: (shift, rpps, why it was refused or None).

    Who is available for the whole of a shift may get it, the fewest shifts first, then the nearest. Raises Problem
    403 `not_coordinator`, 404, 409 `no_roster`.
    """
    call_up = await find_call_up(work, call_up_id, lock=True)
    check_coordinator(caller)
    if call_up["roster_id"] is None:
        raise Problem(409, "no_roster", "This call-up fills no roster")
    found = await rosters.shifts(work, call_up["roster_id"], since=work.now, free=True, limit=MOST_SHIFTS)
    shifts = [
        OpenShift(it["id"], it["starts_at"], it["ends_at"], it["professions"], it["seats"] - it["taken"])
        for it in found
    ]
    people = await call_ups.people(work, call_up_id, state=None, available=True, after=None, limit=MOST_CALLED)
    volunteers = [
        Volunteer(it["rpps"], it["professions"], it["available_from"], it["available_until"]) for it in people
    ]
    duties: dict[str, list[Span]] = defaultdict(list)
    for it in await call_ups.duties(
        work, [it.rpps for it in volunteers], call_up["needed_from"], call_up["needed_until"]
    ):
        duties[it["rpps"]].append((it["starts_at"], it["ends_at"]))
    chosen = seats(shifts, volunteers, duties)
    return [(shift, rpps, await _sign_up(work, caller, shift, rpps)) for shift, rpps in chosen]


async def _sign_up(work: Work, caller: Caller, shift_id: UUID, rpps: str) -> str | None:
    try:
        await take_shift(work, caller, shift_id, rpps)
    except Problem as problem:
        return problem.code
    return None
