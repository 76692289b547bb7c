"""A volunteer accepts or declines a call that was offered to them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from contracts.snp_dispatch import OfferAccepted, OfferDeclined
from kit.auth import Caller
from kit.problems import Problem, field_problem
from kit.work import Record, Work
from snp_dispatch.domain.matching import Candidate
from snp_dispatch.domain.offer import Opening
from snp_dispatch.domain.offer import Terms as SlotTerms
from snp_dispatch.domain.states import CALL, OFFER, step, waits_now
from snp_dispatch.domain.volunteers import DeclineReason, Terms
from snp_dispatch.store import bookings, calls, escalation, slots, volunteers
from snp_dispatch.store.rows import Row, present
from snp_dispatch.store.rules import Rules
from snp_dispatch.store.slots import NewSlot
from snp_dispatch.usecases import access, tell
from snp_dispatch.usecases.fitting import candidate, unsuitable
from snp_dispatch.usecases.new_booking import new_booking
from snp_dispatch.usecases.one_visit import refuse_second_visit
from snp_dispatch.usecases.problems import not_found, refusals
from snp_dispatch.usecases.publish_slot import check_effector
from snp_dispatch.usecases.quotas import keep_to_quotas
from snp_dispatch.usecases.volunteer_offers import ask_next, tell_closed

LONGEST = timedelta(hours=8)


@dataclass(frozen=True)
class Acceptance:
    """When the volunteer sees the patient, and how. None: as they stated as a volunteer."""

    starts_at: datetime
    ends_at: datetime | None
    mode: str | None


async def accept_offer(work: Work, rules: Rules, caller: Caller, offer_id: UUID, wanted: Acceptance) -> Record:
    """Opens a slot and books it for the call, in one transaction; of several acceptances one wins.

    Raises Problem 403, 404, 422; 410 `offer_expired`; 409 `offer_closed`, `call_busy`, `slot_not_suitable`,
    `slot_overlap`, `not_participating`, `already_booked`, `quota_reached`.
    """
    offer = await own_offer(work, caller, offer_id)
    refuse_ended(offer)
    call = present(await calls.get(work, offer["call_id"]))
    slot = await _open_slot(work, rules, offer, call, wanted)
    await _lock(work, offer)
    booking = new_booking(work.new_id(), call, slot)
    claim = await bookings.claim_best(work, [slot.slot_id], booking.id)
    if claim["claimed"] is None:
        raise unsuitable(rules, "paused")
    await bookings.insert(work, booking)
    await calls.set_state(work, call["id"], step(CALL, "waiting", "book", refusal="call_not_open"))
    _tell_accepted(work, await _end(work, offer, "accept", booking_id=booking.id), slot.slot_id, booking.id)
    for row in await volunteers.close_others(work, call["id"]):
        tell_closed(work, row)
    tell.booking_confirmed(work, vars(booking))
    await keep_to_quotas(work, rules, call["client_organisation"], slot)
    await refuse_second_visit(work, call["id"], booking.patient_ref)
    return present(await bookings.get(work, booking.id))


async def decline_offer(work: Work, rules: Rules, caller: Caller, offer_id: UUID, reason: DeclineReason) -> Row:
    """The next volunteer is asked. Raises Problem 403, 404, 410 `offer_expired`, 409 `offer_closed`."""
    offer = await own_offer(work, caller, offer_id)
    refuse_ended(offer)
    call = await escalation.lock(work, offer["call_id"])
    declined = await _end(work, offer, "decline", reason=reason)
    payload = OfferDeclined(
        offer_id=offer_id,
        call_id=offer["call_id"],
        effector=tell.effector("person", offer["effector_id"]),
        reason=reason,
    )
    work.emit(payload, version=declined["version"])
    await ask_next(work, rules, call, Terms(**offer["terms"]))
    return present(await volunteers.offer(work, offer_id))


async def own_offer(work: Work, caller: Caller, offer_id: UUID) -> Row:
    """Raises Problem 404, 403 `not_your_agenda`."""
    offer = await volunteers.offer(work, offer_id)
    if offer is None:
        raise not_found("offer")
    access.own_agenda(caller, offer["effector_id"])
    return offer


def refuse_ended(offer: Row) -> None:
    """Raises Problem 410 `offer_expired`, 409 `offer_closed`."""
    if offer["state"] == "expired":
        raise Problem(410, "offer_expired", "The time to answer has passed; others were asked")
    if offer["state"] != "open":
        raise _closed(offer["state"])


def _closed(state: str) -> Problem:
    return Problem(409, "offer_closed", "The call is served or needs nobody any more, or was answered", state=state)


async def _open_slot(work: Work, rules: Rules, offer: Row, call: Row, wanted: Acceptance) -> Candidate:
    _check_times(work, rules, call, wanted)
    mode = wanted.mode or offer["modes"][0]
    if mode not in offer["modes"]:
        raise unsuitable(rules, "mode")
    act = call["need"].get("act")
    slot = NewSlot(
        id=work.new_id(),
        effector_id=offer["effector_id"],
        profession=None,
        specialty=None,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at or wanted.starts_at + timedelta(minutes=offer["visit_minutes"]),
        commune=offer["commune"],
        mode=mode,
        capacity=1,
        opening=Opening(tuple(sorted(call["audiences"]))),
        terms=SlotTerms(acts=(act,) if act else ()),
    )
    published = await slots.publish(work, slot)
    check_effector(published)
    if published is None or published["slot_id"] is None:
        raise Problem(409, "slot_overlap", "You have a slot at that time already, here or elsewhere")
    tell.slot_published(work, present(await slots.get(work, slot.id)))
    row = present(await slots.for_matching(work, slot.id))
    return candidate(rules, {**row, "patient": call["patient"]})


def _check_times(work: Work, rules: Rules, call: Row, wanted: Acceptance) -> None:
    if wanted.ends_at is not None and not wanted.starts_at < wanted.ends_at <= wanted.starts_at + LONGEST:
        raise field_problem("ends_at", "period_wrong", "Ends after its start, 8 h later at most")
    reason = None
    if wanted.starts_at < max(work.now, call["earliest"]):
        reason = "too_early"
    elif wanted.starts_at > call["deadline"]:
        reason = "after_deadline"
    if reason:
        raise unsuitable(rules, reason)


async def _lock(work: Work, offer: Row) -> None:
    """After the slot: the call, which must still wait and hold nothing."""
    locked = await escalation.lock(work, offer["call_id"])
    if waits_now(locked["state"], locked["deadline"], work.now) != "waiting":
        raise _closed("closed")
    if await calls.holds_now(work, offer["call_id"]):
        raise Problem(409, "call_busy", "A freed seat is kept for this call at the moment; try again in some minutes")


async def _end(
    work: Work, offer: Row, action: str, *, reason: str | None = None, booking_id: UUID | None = None
) -> Record:
    """Under the lock of the call. Raises Problem 409 `offer_closed`."""
    found = await volunteers.state(work, offer["id"])
    with refusals():
        state = step(OFFER, found["state"], action, refusal="offer_closed")
    return await volunteers.end(work, offer["id"], state, reason=reason, booking_id=booking_id)


def _tell_accepted(work: Work, row: Record, slot_id: UUID, booking_id: UUID) -> None:
    payload = OfferAccepted(
        offer_id=row["id"],
        call_id=row["call_id"],
        effector=tell.effector("person", row["effector_id"]),
        slot_id=slot_id,
        booking_id=booking_id,
    )
    work.emit(payload, version=row["version"])
