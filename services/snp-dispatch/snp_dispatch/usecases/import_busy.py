"""An effector's own calendar closes the slots that lie in its busy time."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Work
from snp_dispatch.domain.busy import BusyTime, CalendarRefused, busy_time
from snp_dispatch.store import busy_periods, effectors
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access
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


async def import_busy(work: Work, rules: Rules, caller: Caller, effector_id: str, text: str) -> Imported:
    """Keeps the busy time of the next 60 days and closes free slots in it. Raises Problem 403, 404 or 422."""
    access.own_agenda(caller, effector_id)
    if await effectors.find(work, effector_id) is None:
        raise Problem(404, "effector_unknown", "No professional or structure of this number is known")
    busy = await _read(work, rules, text)
    await busy_periods.replace(work, effector_id, busy.periods)
    found = await busy_periods.lock_overlapping(work, effector_id)
    closed = await busy_periods.close_free(work, found, REASON)
    tell_withdrawn(work, closed, REASON)
    withdrawn = {row["id"] for row in closed}
    return Imported(len(busy.periods), busy.skipped, sorted(withdrawn), [it for it in found if it not in withdrawn])


async def _read(work: Work, rules: Rules, text: str) -> BusyTime:
    try:
        # A large file takes a second: in a thread, so that other requests are answered meanwhile.
        return await asyncio.to_thread(busy_time, text, work.now, work.now + AHEAD, ZoneInfo(rules.zones.default))
    except CalendarRefused as refused:
        raise field_problem("calendar", "calendar_refused", str(refused)) from None
