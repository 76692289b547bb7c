"""Another slot for a patient who has one (*déplacer un rendez-vous*), without a moment between the two."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from contracts.snp_dispatch import BookingMoved
from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.domain.matching import MAX_ALTERNATIVES, Need
from snp_dispatch.domain.states import move_booking as movable
from snp_dispatch.store import bookings, grants, moves, slots
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access, proposals, tell
from snp_dispatch.usecases.fitting import fitting
from snp_dispatch.usecases.one_visit import refuse_second_visit
from snp_dispatch.usecases.problems import not_found, policy_of, refusals
from snp_dispatch.usecases.quotas import keep_to_quotas

PATIENT = "patient"


async def move_booking(
    work: Work, rules: Rules, caller: Caller, booking_id: UUID, to_slot_id: UUID, *, by: str, reason: str
) -> Record:
    """Moves a visit for a caller who may touch it. Raises as `move`, and Problem 403 `not_your_booking`."""
    found = await bookings.get(work, booking_id)
    if found is None:
        raise not_found("booking")
    access.own_booking(caller, found["effector_id"], found["client"])
    return await move(work, rules, booking_id, to_slot_id, by=by, reason=reason)


async def move(work: Work, rules: Rules, booking_id: UUID, to_slot_id: UUID, *, by: str, reason: str) -> Record:
    """Gives the booking a seat of another slot and its old seat back, in one statement; the id survives.

    The slot must fit the call, as for a hold. A patient (`by`) may ask for some hours past the deadline,
    where the policy says so. Locks both slots by id, then the call and the booking: in a transaction that
    moves several bookings, lock all their slots first.

    Raises Problem 404 `booking_not_found`, `slot_not_found`; 409 `booking_not_active`, `booking_started`,
    `booking_busy` (moved at the same moment), `same_slot`, `slot_not_suitable` with the `reason`,
    `slot_taken` with at most five `alternatives`, `quota_reached`.
    """
    booking = await _locked(work, booking_id, to_slot_id)
    target = await slots.for_matching(work, to_slot_id)
    if target is None:
        raise not_found("slot")
    with refusals():
        movable(booking["state"], booking["starts_at"], work.now)
    need = _need(work.now, rules, work.territory, booking, by)
    slot = fitting(rules, need, {**target, "patient": booking["patient"]})
    if not target["seat_free"]:
        raise await _taken(work, rules, need, (booking["slot_id"], to_slot_id))
    moved = await moves.move(
        work, booking_id, booking["slot_id"], to_slot_id, _told(work.now, booking, target, by, reason)
    )
    await keep_to_quotas(work, rules, booking["client_organisation"], slot)
    await refuse_second_visit(work, moved["call_id"], moved["patient_ref"])
    tell.holds_ended(work, moved["ended"])
    _tell(work, booking, moved, by, reason)
    return moved


async def _locked(work: Work, booking_id: UUID, to_slot_id: UUID) -> Record:
    booking = await moves.lock(work, booking_id, to_slot_id)
    if booking is None:
        raise not_found("booking")
    if not booking["slot_locked"] and await grants.slot_territory(work, booking_id):
        raise Problem(409, "booking_of_neighbour", "The slot is a neighbour's: cancel the visit and book another")
    if not booking["slot_locked"]:
        raise Problem(409, "booking_busy", "The booking was moved at the same moment; try again")
    if booking["slot_id"] == to_slot_id:
        raise Problem(409, "same_slot", "The visit is in this slot already")
    return booking


def _need(now: datetime, rules: Rules, territory: str, booking: Record, by: str) -> Need:
    policy = policy_of(rules, territory, now)
    late = policy.patient_late_hours if by == PATIENT else 0
    call = {**booking, "deadline": booking["deadline"] + timedelta(hours=late)}
    return proposals.need_of(policy, call, booking["need"], booking["patient"], now)


async def _taken(work: Work, rules: Rules, need: Need, not_these: tuple[UUID, UUID]) -> Problem:
    found = await proposals.find(work, rules, policy_of(rules, work.territory, work.now), need)
    others = [it for it in found if it.slot.slot_id not in not_these]
    shown = proposals.shapes(rules, need, others)[:MAX_ALTERNATIVES]
    return Problem(409, "slot_taken", "Somebody else has the slot; the visit stays where it is", alternatives=shown)


def _told(now: datetime, booking: Record, target: Record, by: str, reason: str) -> dict[str, Any]:
    """One line of the booking's history."""
    return {
        "moved_at": now,
        "by": by,
        "reason": reason,
        "from_slot_id": booking["slot_id"],
        "from_starts_at": booking["starts_at"],
        "to_slot_id": target["slot_id"],
        "to_starts_at": target["starts_at"],
    }


def _tell(work: Work, before: Record, moved: Record, by: str, reason: str) -> None:
    payload = BookingMoved(
        booking_id=moved["id"],
        call_id=moved["call_id"],
        slot_id=moved["slot_id"],
        from_slot_id=before["slot_id"],
        from_effector=tell.effector(before["effector_kind"], before["effector_id"]),
        from_starts_at=before["starts_at"],
        by=by,
        reason=tell.reason_code(reason),
        origin=moved["origin"],
        effector=tell.effector(moved["effector_kind"], moved["effector_id"]),
        starts_at=moved["starts_at"],
        ends_at=moved["ends_at"],
        commune=moved["commune"],
        mode=moved["mode"],
        audience=tuple(moved["audience"]),
        patient_ref=moved["patient_ref"],
        call_received_at=moved["call_received_at"],
    )
    work.emit(payload, version=moved["version"])
