"""An effector's own calendar closes the slots that lie in its busy time, and opens them again when it is over."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Work
from snp_dispatch.domain.busy import BusyTime, CalendarRefused, busy_time
from snp_dispatch.domain.recurrence import Period
from snp_dispatch.store import busy_calendars, busy_periods, closures, effectors, slots
from snp_dispatch.store.rows import present
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access, tell
from snp_dispatch.usecases.materialise import make_again
from snp_dispatch.usecases.withdraw_slot import tell_withdrawn

AHEAD = timedelta(days=60)
REASON = "busy_elsewhere"


@dataclass(frozen=True)
class Imported:
    """What a calendar did. `conflicts` lie in busy time but somebody holds or has booked them: nothing was done."""

    periods: int
    skipped: int
    withdrawn: list[UUID]
    conflicts: list[UUID]
    reopened: list[UUID]


async def import_busy(work: Work, rules: Rules, caller: Caller, effector_id: str, text: str) -> Imported:
    """Keeps the busy time of the next 60 days and closes free slots in it.

    Raises Problem 403, 404, 409 `busy_calendar_followed`, 422.
    """
    access.own_agenda(caller, effector_id)
    if await effectors.find(work, effector_id) is None:
        raise Problem(404, "effector_unknown", "No professional or structure of this number is known")
    busy = await _read(work, rules, text)
    await lock_agenda(work, effector_id)
    if await busy_calendars.get(work, effector_id) is not None:
        what = "A calendar is followed by its address, which would undo this at its next reading: remove it first"
        raise Problem(409, "busy_calendar_followed", what)
    return await apply_busy(work, rules, effector_id, busy)


async def lock_agenda(work: Work, effector_id: str) -> None:
    """One calendar of an effector at a time, and nobody publishes meanwhile. Before any slot is locked."""
    await closures.lock_agenda(work, effector_id)


async def apply_busy(work: Work, rules: Rules, effector_id: str, busy: BusyTime) -> Imported:
    """Replaces the busy time of an effector: closes free slots in it, opens what an earlier one had closed.

    What opens again are slots withdrawn for this reason and no other, and hours that recurring availability had
    left out; not in a closed period, and not where another slot has come to lie.
    """
    await lock_agenda(work, effector_id)
    before = await busy_periods.replace(work, effector_id, busy.periods)
    open_, closed = await busy_periods.lock_concerned(work, effector_id, REASON)
    withdrawn = await busy_periods.close_free(work, open_, REASON)
    tell_withdrawn(work, withdrawn, REASON)
    over = {it for it in before if it.ends_at > work.now} - set(busy.periods)
    reopened = await _reopen(work, rules, effector_id, closed, over)
    ids = {row["id"] for row in withdrawn}
    return Imported(
        len(busy.periods), busy.skipped, sorted(ids), [it for it in open_ if it not in ids], sorted(reopened)
    )


async def _reopen(
    work: Work, rules: Rules, effector_id: str, closed: list[UUID], over: Collection[Period]
) -> list[UUID]:
    reopened = []
    for slot_id in closed:
        version = await busy_periods.reopen(work, slot_id)
        if version is not None:
            tell.slot_published(work, present(await slots.get(work, slot_id)), version=version)
            reopened.append(slot_id)
    return [*reopened, *(await make_again(work, rules, effector_id, over) if over else [])]


async def _read(work: Work, rules: Rules, text: str) -> BusyTime:
    try:
        # A large file takes a second: in a thread, so that other requests are answered meanwhile.
        return await asyncio.to_thread(busy_time, text, work.now, work.now + AHEAD, ZoneInfo(rules.zones.default))
    except CalendarRefused as refused:
        raise field_problem("calendar", "calendar_refused", str(refused)) from None
