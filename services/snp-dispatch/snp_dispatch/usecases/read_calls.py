"""Reading calls, holds and bookings."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.store import bookings, calls, holds
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


async def list_calls(
    work: Work,
    caller: Caller,
    period: Period,
    *,
    origin: str | None,
    state: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Row]:
    """Calls, the latest first; a practitioner sees their own."""
    client = caller.subject if access.works_alone(caller) else None
    return await calls.page(
        work,
        since=period.since,
        until=period.until,
        origin=origin,
        state=state,
        client=client,
        after=after,
        limit=limit,
    )


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


async def list_bookings(
    work: Work,
    caller: Caller,
    period: Period,
    *,
    rpps: str | None,
    state: str | None,
    call_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Record]:
    """Bookings in order of start; a practitioner sees their own. Raises Problem 403 `not_your_booking`."""
    if access.works_alone(caller):
        if rpps not in (None, caller.rpps):
            raise Problem(403, "not_your_booking", "You may list your own bookings only")
        rpps = caller.rpps or ""
    return await bookings.page(
        work,
        since=period.since,
        until=period.until,
        effector_id=rpps,
        state=state,
        call_id=call_id,
        after=after,
        limit=limit,
    )
