"""An extra patient in a full slot (*surnuméraire*): given by hand, with a reason, and written down."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.domain.overbooking import refused
from snp_dispatch.domain.policy import Policy
from snp_dispatch.store import bookings, overbookings, slots
from snp_dispatch.store.bookings import NewBooking
from snp_dispatch.store.overbookings import NewOverbooking
from snp_dispatch.store.rows import present
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access, proposals, tell
from snp_dispatch.usecases.fitting import fitting
from snp_dispatch.usecases.new_booking import new_booking
from snp_dispatch.usecases.one_visit import refuse_second_visit
from snp_dispatch.usecases.problems import not_found, policy_of
from snp_dispatch.usecases.quotas import keep_to_quotas
from snp_dispatch.usecases.take_call import open_call, take_call


async def overbook(work: Work, rules: Rules, caller: Caller, slot_id: UUID, *, call_id: UUID, reason: str) -> Record:
    """Books the call as an extra patient of a slot that has no free seat.

    The slot must fit the call, as for a hold. The lock of the slot comes first, so that two at once count each other.
    A quota of the practitioner counts extra patients too.

    Raises Problem 404 `slot_not_found`, `call_not_found`; 403 `not_your_agenda`, `not_your_call`; 409 `call_not_open`,
    `call_busy`, `slot_not_suitable` with the `reason`, `slot_not_full`, `overbooking_limit` with the `limit`,
    `quota_reached`, `already_booked`.
    """
    policy = policy_of(rules, work.territory, work.now)
    locked = await slots.lock(work, slot_id)
    if locked is None:
        raise not_found("slot")
    access.own_extra_patients(caller, locked["effector_id"])
    call = await open_call(work, caller, call_id)
    need = proposals.need_of(policy, call, call["need"], call["patient"], work.now)
    found = present(await slots.for_matching(work, slot_id))
    slot = fitting(rules, need, {**found, "patient": call["patient"]})
    extra = await _one_more(work, policy, slot_id)
    await take_call(work, call_id)
    booking = replace(new_booking(work.new_id(), call, slot), overbooked=True)
    await bookings.insert(work, booking)
    await overbookings.insert(work, _audit(caller, policy, booking, reason, extra))
    await keep_to_quotas(work, rules, call["client_organisation"], slot)
    await refuse_second_visit(work, call_id, booking.patient_ref)
    tell.booking_confirmed(work, vars(booking))
    return present(await bookings.get(work, booking.id))


async def list_overbookings(
    work: Work, caller: Caller, *, effector_id: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[Record]:
    """Extra seats that were given, the latest first; a practitioner sees those of their own agenda.

    Raises Problem 403 `not_your_agenda`.
    """
    if access.works_alone(caller):
        effector_id = effector_id or caller.rpps or ""
        access.own_extra_patients(caller, effector_id)
    return await overbookings.page(work, effector_id=effector_id, after=after, limit=limit)


async def _one_more(work: Work, policy: Policy, slot_id: UUID) -> int:
    """How many extra patients the slot has with this one."""
    seats, limit = present(await overbookings.seats(work, slot_id)), policy.overbooking_per_slot
    why = refused(seats["free"], seats["extra"], limit)
    if why == "slot_not_full":
        raise Problem(409, why, "The slot has a free seat: hold that one")
    if why == "overbooking_limit":
        raise Problem(409, why, f"A slot takes {limit} extra patients at most on this territory", limit=limit)
    extra: int = seats["extra"]
    return extra + 1


def _audit(caller: Caller, policy: Policy, booking: NewBooking, reason: str, extra: int) -> NewOverbooking:
    return NewOverbooking(
        booking_id=booking.id,
        call_id=booking.call_id,
        slot_id=booking.slot_id,
        effector_id=booking.effector_id,
        client=caller.subject,
        role=caller.role,
        organisation=caller.organisation,
        rpps=caller.rpps,
        reason=reason,
        extra=extra,
        policy_version=policy.version,
    )
