"""What becomes of a visit: cancelled, fulfilled (*honoré*), no-show (*non honoré*)."""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from contracts.snp_dispatch import BookingCancelled, BookingFulfilled, BookingMissed, CallExpired
from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.domain.states import after_cancelled_booking, end_booking
from snp_dispatch.store import bookings, calls, grants
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access, tell
from snp_dispatch.usecases.problems import not_found, policy_of, refusals
from snp_dispatch.usecases.value_compensation import tell_worth, worth_of


async def cancel_booking(work: Work, rules: Rules, caller: Caller, booking_id: UUID, *, by: str, reason: str) -> Record:
    """Cancels a visit before its start and frees the seat.

    The call closes when patient or caller gave up, else it waits for another slot or, past its deadline, is over.
    Raises Problem 403, 404, 409.
    """
    booking = await locked(work, booking_id)
    access.own_booking(caller, booking["effector_id"], booking["client"])
    return await cancel(work, rules, booking, by=by, reason=reason)


async def cancel(work: Work, rules: Rules, booking: Record, *, by: str, reason: str) -> Record:
    """The same for a booking that is `locked`, whoever asks. Raises Problem 409."""
    booking_id: UUID = booking["id"]
    state = _next(work, rules, booking, "cancel")
    ended = await bookings.end(work, booking_id, state, by=by, reason=reason, absent=None)
    await bookings.free_seat(work, booking["slot_id"], booking_id)
    call_state = after_cancelled_booking(by, booking["deadline"], work.now)
    version = await calls.set_state(work, booking["call_id"], call_state, f"booking cancelled by {by}")
    work.emit(
        BookingCancelled(**ids(ended), by=by, reason=tell.reason_code(reason), patient_ref=ended["patient_ref"]),
        version=ended["version"],
    )
    if call_state == "expired":
        # No sweeper comes to it any more: who waits for the patient's visit is told here that there is none.
        over = CallExpired(call_id=booking["call_id"], origin=booking["origin"], deadline=booking["deadline"])
        work.emit(over, version=version)
    return ended


async def fulfil_booking(work: Work, rules: Rules, caller: Caller, booking_id: UUID) -> Record:
    """The visit took place; from some minutes before its start (policy). Raises Problem 403, 404, 409."""
    booking = await locked(work, booking_id)
    access.own_patients(caller, booking["effector_id"])
    state = _next(work, rules, booking, "fulfil")
    ended = await bookings.end(
        work, booking_id, state, by=caller.role, reason=None, absent=None, outcome=said(work, caller, state)
    )
    work.emit(
        BookingFulfilled(**ids(ended), source=source_of(caller), patient_ref=ended["patient_ref"]),
        version=ended["version"],
    )
    return ended


async def miss_booking(
    work: Work, rules: Rules, caller: Caller, booking_id: UUID, absent: Literal["patient", "practitioner"]
) -> Record:
    """The visit did not take place, and who was absent; from its start. Raises Problem 403, 404, 409."""
    booking = await locked(work, booking_id)
    access.own_patients(caller, booking["effector_id"])
    state = _next(work, rules, booking, "no_show")
    ended = await bookings.end(
        work,
        booking_id,
        state,
        by=caller.role,
        reason=None,
        absent=absent,
        outcome=said(work, caller, state, absent=absent),
    )
    work.emit(
        BookingMissed(**ids(ended), absent=absent, source=source_of(caller), patient_ref=ended["patient_ref"]),
        version=ended["version"],
    )
    if (amount := await worth_of(work, rules, ended)) is not None:
        tell_worth(work, rules, ended, amount)
    return ended


async def locked(work: Work, booking_id: UUID) -> Record:
    """The booking, locked with its slot and call. Raises Problem 404 `booking_not_found`, 409 `booking_busy`."""
    booking = await bookings.lock(work, booking_id)
    if booking is None and (neighbour := await grants.slot_territory(work, booking_id)):
        await grants.look_over(work, neighbour)
        booking = await bookings.lock(work, booking_id)
    if booking is None:
        raise not_found("booking")
    if not booking["slot_locked"]:
        raise Problem(409, "booking_busy", "The booking was moved at the same moment; try again")
    return booking


def _next(work: Work, rules: Rules, booking: Record, action: str) -> str:
    early = timedelta(minutes=policy_of(rules, work.territory, work.now).fulfil_minutes_before_start)
    with refusals():
        return end_booking(booking["state"], action, booking["starts_at"], work.now, early)


def source_of(caller: Caller) -> str:
    """Who says an outcome: the role of the caller, `import` for a client without one."""
    return caller.role or "import"


def said(work: Work, caller: Caller, outcome: str, **more: str) -> dict[str, Any]:
    """One line of the history of outcomes."""
    return {
        "said_at": work.now,
        "outcome": outcome,
        "source": source_of(caller),
        "client": caller.subject,
        **more,
    }


def ids(booking: Record) -> dict[str, UUID]:
    """What every event of a booking names."""
    return {"booking_id": booking["id"], "call_id": booking["call_id"], "slot_id": booking["slot_id"]}
