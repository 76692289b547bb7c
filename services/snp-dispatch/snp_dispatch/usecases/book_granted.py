"""A visit in a neighbour's slot, under its grant."""

from uuid import UUID

from contracts.slots import SlotLent
from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.domain.matching import Candidate
from snp_dispatch.store import bookings, grants
from snp_dispatch.store.bookings import NewBooking
from snp_dispatch.store.rows import Row, present
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import proposals, tell
from snp_dispatch.usecases.fitting import fitting
from snp_dispatch.usecases.grants import open_grant
from snp_dispatch.usecases.new_booking import new_booking
from snp_dispatch.usecases.one_visit import refuse_second_visit
from snp_dispatch.usecases.problems import not_found, policy_of
from snp_dispatch.usecases.take_call import open_call, take_call


async def book_granted(
    work: Work, rules: Rules, caller: Caller, grant_id: UUID, *, call_id: UUID, slot_id: UUID
) -> Record:
    """Books a free slot that the grant opens for a call of this territory; same fit and same claim as at home.

    The booking belongs to this territory; the other one is told `slot.lent`. Raises Problem 403 `not_your_grant`,
    `not_your_call`; 404; 410 `grant_not_active`; 409 `call_not_open`, `call_busy`, `slot_not_suitable`, `slot_taken`,
    `already_booked`.
    """
    grant = await open_grant(work, grant_id)
    if grant["to_territory"] != work.territory:
        raise Problem(403, "not_your_grant", "A grant is used by the territory that received it")
    call = await open_call(work, caller, call_id)
    slot = await _slot(work, rules, grant, call, slot_id)
    booking = new_booking(work.new_id(), call, slot)
    claim = await bookings.claim_best(work, [slot_id], booking.id, territory=grant["territory"])
    if claim["claimed"] is None:
        raise _taken()
    await take_call(work, call_id)
    tell.holds_ended(work, claim["ended"], grant["territory"])
    await bookings.insert(work, booking)
    await grants.lent(work, booking.id, grant)
    await refuse_second_visit(work, call_id, booking.patient_ref)
    _tell(work, grant, booking)
    return present(await bookings.get(work, booking.id))


async def _slot(work: Work, rules: Rules, grant: Record, call: Row, slot_id: UUID) -> Candidate:
    found = await grants.slot(work, grant, slot_id)
    if found is None:
        raise not_found("slot")
    if found["free_seats"] < 1:
        raise _taken()
    policy = policy_of(rules, work.territory, work.now)
    need = proposals.need_of(policy, call, call["need"], call["patient"], work.now)
    return fitting(rules, need, {**found, "patient": call["patient"]})


def _taken() -> Problem:
    return Problem(409, "slot_taken", "Somebody else has the slot")


def _tell(work: Work, grant: Record, booking: NewBooking) -> None:
    tell.booking_confirmed(work, vars(booking))
    lent = SlotLent(
        booking_id=booking.id,
        slot_id=booking.slot_id,
        grant_id=grant["id"],
        to_territory=work.territory,
        starts_at=booking.starts_at,
    )
    work.emit(lent, version=1, territory=grant["territory"])
