"""Reading calls, holds and bookings."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.store import bookings, calls, holds, lists
from snp_dispatch.store.lists import BookingFilter, CallFilter, Position
from snp_dispatch.store.rows import Row
from snp_dispatch.usecases import access
from snp_dispatch.usecases.problems import not_found


@dataclass(frozen=True)
class Period:
    """What a list covers: from `since` (included) to `until` (excluded)."""

    since: datetime | None
    until: datetime | None


async def read_call(work: Work, caller: Caller, call_id: UUID) -> tuple[Row, Record | None]:
    """A call and its booking unless cancelled. Raises Problem 403, 404."""
    call = await calls.get(work, call_id)
    if call is None:
        raise not_found("call")
    await access.readable_call(work, caller, call)
    return call, await bookings.of_call(work, call_id)


async def list_calls(work: Work, caller: Caller, wanted: CallFilter, after: Position, limit: int) -> list[Row]:
    """Calls of the territory; a practitioner sees their own."""
    if access.works_alone(caller):
        wanted = replace(wanted, client=caller.subject)
    return await lists.calls(work, wanted, after, limit)


async def read_hold(work: Work, caller: Caller, hold_id: UUID) -> Record:
    """Raises Problem 403, 404."""
    hold = await holds.get(work, hold_id)
    if hold is None:
        raise not_found("hold")
    access.own_call(caller, hold["client"])
    return hold


async def read_booking(work: Work, caller: Caller, booking_id: UUID) -> Record:
    """Raises Problem 403, 404."""
    booking = await bookings.get(work, booking_id)
    if booking is None:
        raise not_found("booking")
    access.own_booking(caller, booking["effector_id"], booking["client"])
    return booking


async def list_bookings(work: Work, caller: Caller, wanted: BookingFilter, after: Position, limit: int) -> list[Record]:
    """Bookings in order of start; a practitioner sees their own. Raises Problem 403 `not_your_booking`."""
    if access.works_alone(caller):
        if wanted.effector_id not in (None, caller.rpps):
            raise Problem(403, "not_your_booking", "You may list your own bookings only")
        wanted = replace(wanted, effector_id=caller.rpps or "")
    return await lists.bookings(work, wanted, after, limit)
