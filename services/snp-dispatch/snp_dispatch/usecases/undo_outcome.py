"""An outcome that was said by mistake is taken back: the visit is as it was before."""

from datetime import timedelta
from decimal import Decimal
from typing import Literal, cast
from uuid import UUID

from contracts.snp_dispatch import BookingOutcomeUndone
from kit.auth import Caller
from kit.work import Record, Work
from snp_dispatch.domain import states
from snp_dispatch.store import bookings
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access, tell
from snp_dispatch.usecases.end_booking import ids, locked, said, source_of
from snp_dispatch.usecases.one_visit import refuse_second_visit
from snp_dispatch.usecases.problems import policy_of, refusals
from snp_dispatch.usecases.value_compensation import tell_worth, worth_of


async def undo_outcome(work: Work, rules: Rules, caller: Caller, booking_id: UUID, *, reason: str) -> Record:
    """Fulfilled or no-show becomes confirmed again, for `outcome_undo_days` (policy) after the end of the visit.

    After that the figures of its period must not change any more. What was said stays in `outcomes`.
    Raises Problem 403 `not_your_booking`; 404 `booking_not_found`; 409 `no_outcome`, `outcome_final`,
    `booking_busy`, `already_booked` (a visit still to come, and the patient got another meanwhile).
    """
    booking = await locked(work, booking_id)
    access.own_patients(caller, booking["effector_id"])
    days = policy_of(rules, work.territory, work.now).outcome_undo_days
    with refusals():
        state = states.undo_outcome(booking["state"], booking["ends_at"], work.now, timedelta(days=days))
    worth = await worth_of(work, rules, booking)
    undone = await bookings.undo_outcome(work, booking_id, state, said(work, caller, "undone", reason=reason))
    if booking["starts_at"] > work.now:
        await refuse_second_visit(work, booking["call_id"], booking["patient_ref"])
    payload = BookingOutcomeUndone(
        **ids(undone),
        was=cast(Literal["fulfilled", "no_show"], booking["state"]),
        source=source_of(caller),
        reason=tell.reason_code(reason),
        patient_ref=undone["patient_ref"],
    )
    work.emit(payload, version=undone["version"])
    if worth is not None:
        tell_worth(work, rules, undone, Decimal(0))
    return undone
