"""Giving a waiting call the best seat that is free now: booked when it asked for one shot, else kept and offered."""

import secrets
from typing import Literal, TypeAlias
from uuid import UUID

from contracts.snp_dispatch import CallOffered, HoldPlaced
from kit.problems import Problem
from kit.work import Work
from snp_dispatch.domain.escalation import Eased, eased
from snp_dispatch.domain.matching import Candidate, Ranked
from snp_dispatch.domain.states import CALL, step, waits_now
from snp_dispatch.store import bookings, calls, escalation, holds, visits, waitlist
from snp_dispatch.store.holds import NewHold
from snp_dispatch.store.rows import Row
from snp_dispatch.store.rules import Rules
from snp_dispatch.store.waitlist import NewOffer
from snp_dispatch.usecases import proposals, tell
from snp_dispatch.usecases.new_booking import new_booking
from snp_dispatch.usecases.quotas import keep_to_quotas, within_quotas

Served: TypeAlias = Literal["booked", "offered", "nothing"]


class LostError(Exception):
    """Somebody else took the seat or the call meanwhile: this transaction must leave no trace."""


async def serve_waiting(work: Work, rules: Rules, call_id: UUID) -> Served:
    """Looks for a slot as at receipt. Raises LostError when a race was lost: roll back and try again."""
    call, policy = await calls.get(work, call_id), rules.policy(work.territory, work.now)
    if (
        call is None
        or policy is None
        or call["hold"]
        or waits_now(call["state"], call["deadline"], work.now) != "waiting"
    ):
        return "nothing"
    need = proposals.need_of(policy, call, call["need"], call["patient"], work.now)
    found = await proposals.find(work, rules, policy, need, spare=True)
    organisation = call["client_organisation"]
    found = await within_quotas(work, rules, organisation, found)
    if call["book"] and found:
        return await _book(work, rules, call, found)
    before = await waitlist.offered_slots(work, call_id)
    for wider in [Eased(need, ()), *eased(need, await escalation.steps(work, call_id))]:
        # What the caller did not ask for is never booked over their head: it is offered.
        if wider.by:
            found = await proposals.find(work, rules, policy, wider.need, spare=True)
            found = await within_quotas(work, rules, organisation, found)
        fresh = [it for it in found if it.slot.slot_id not in before]
        if fresh:
            return await _offer(work, rules, call_id, fresh[0].slot, wider.by)
    return "nothing"


async def _book(work: Work, rules: Rules, call: Row, found: list[Ranked]) -> Served:
    booking_id = work.new_id()
    claim = await bookings.claim_best(work, [it.slot.slot_id for it in found], booking_id)
    if claim["claimed"] is None or not await waitlist.lock_waiting(work, call["id"]):
        raise LostError
    slot = next(it.slot for it in found if it.slot.slot_id == claim["claimed"])
    booking = new_booking(booking_id, call, slot)
    await bookings.insert(work, booking)
    await _keep_to_quotas(work, rules, call["client_organisation"], slot)
    if booking.patient_ref and await visits.to_come(work, call["id"], booking.patient_ref):
        # The patient got a visit for this need by another call: this one waits for its caller to close it.
        raise LostError
    tell.holds_ended(work, claim["ended"])
    await calls.set_state(work, call["id"], step(CALL, "waiting", "book", refusal="call_not_open"))
    tell.booking_confirmed(work, vars(booking))
    return "booked"


async def _offer(work: Work, rules: Rules, call_id: UUID, slot: Candidate, by: tuple[str, ...]) -> Served:
    expires_at = work.now + rules.ladder(work.territory).offer_time
    # Nobody knows a token of this digest: the caller accepts without one, or holds the slot again.
    hold = NewHold(work.new_id(), call_id, slot.slot_id, secrets.token_bytes(32), expires_at)
    row = await holds.place(work, hold)
    if not row["placed"] or not _was_waiting(row, call_id):
        raise LostError
    await _keep_to_quotas(work, rules, row["client_organisation"], slot)
    tell.holds_ended(work, row["ended"])
    work.emit(
        HoldPlaced(hold_id=hold.id, call_id=call_id, slot_id=slot.slot_id, expires_at=expires_at), version=tell.PLACED
    )
    version = await waitlist.keep_offer(work, NewOffer(hold.id, call_id, slot.slot_id, expires_at))
    payload = CallOffered(
        call_id=call_id,
        hold_id=hold.id,
        slot_id=slot.slot_id,
        starts_at=slot.starts_at,
        commune=slot.commune,
        mode=slot.mode,  # type: ignore[arg-type]
        expires_at=expires_at,
        eased_by=by,
    )
    work.emit(payload, version=version)
    return "offered"


async def _keep_to_quotas(work: Work, rules: Rules, organisation: str | None, slot: Candidate) -> None:
    try:
        await keep_to_quotas(work, rules, organisation, slot)
    except Problem:
        # Reached since it was looked at: without this slot, next time.
        raise LostError from None


def _was_waiting(row: Row, call_id: UUID) -> bool:
    # A hold that its caller placed a moment ago must not give way to this one.
    own = [it for it in row["ended"] if UUID(str(it["call_id"])) == call_id and it["state"] == "released"]
    return row["call_state"] == "waiting" and not own
