"""What becomes of the visit that a step asked for: booked, took place, missed, given up, expired.

What the dispatch tells may come late, twice or in another order: the state is read anew from all that is known of the
call's bookings, never from the last message. Whoever changes a plan locks the enrolment first; so does this.
"""

from datetime import datetime
from uuid import UUID

from kit.problems import Problem
from kit.work import Record, Work
from pathways.domain.replanning import UNDONE
from pathways.domain.visits import AGAIN, LIVE, TO_DO, CallEnd, Seen, VisitState, outcome
from pathways.store import bookings, enrolments, steps, template_versions, visits
from pathways.usecases.close_step import Proof, complete_step, reopen_step
from pathways.usecases.withdraw_visits import withdraw

JOB = "follow-visits"


async def follow_visit(work: Work, call_id: UUID, at: datetime, call_end: CallEnd | None = None) -> None:
    """After an event of this call or its bookings. Calls that no step asked for are somebody else's."""
    known = await visits.find(work, call_id)
    if known is None or await enrolments.lock(work, known["enrolment_id"]) is None:
        return
    row = await visits.lock(work, call_id, call_end)
    if row["state"] == "withdrawn":
        # What was booked stands and is shown; it no longer says anything of the step.
        return
    seen = [
        Seen(it["booking_id"], it["state"], it["ended_by"], it["changed_at"], it["starts_at"])
        for it in await bookings.of_call(work, row["enrolment_id"], call_id)
    ]
    state, booking = outcome(seen, row["call_end"])
    if state != row["state"] or (booking and booking.id != row["booking_id"]):
        await _turn(work, row, state, booking, at)


async def lapse_visits(work: Work, limit: int) -> int:
    """Of what nobody answered until some time after its deadline, for instance as no policy could serve it."""
    rows = await visits.lapsed(work, limit)
    for row in rows:
        await visits.restate(work, row["id"], JOB, "expired", None)
        await _again(work, row, "expired")
    return len(rows)


async def _turn(work: Work, row: Record, state: VisitState, booking: Seen | None, at: datetime) -> None:
    if state in LIVE and row["state"] not in LIVE:
        await _make_room(work, row)
    await visits.restate(work, row["id"], JOB, state, booking.id if booking else None)
    step = await steps.find(work, row["step_id"])
    if step is None:
        return
    if row["state"] == "fulfilled" and step["state"] == "done" and step["proof_ref"] == str(row["booking_id"]):
        await _reopen(work, row)
    if state == "fulfilled" and booking and step["state"] in UNDONE:
        done_at = min(work.now, at, booking.starts_at or at)
        await complete_step(work, JOB, row["step_id"], done_at, Proof("visit", booking.id))
    elif state in AGAIN:
        await _again(work, row, state)


async def _make_room(work: Work, row: Record) -> None:
    """What was said to have failed stands after all: the next asking is taken back."""
    other = await visits.live_of_step(work, row["step_id"])
    if other is None:
        return
    if other["state"] == "wanted":
        await visits.end(work, other["id"], JOB, "withdrawn", "booked_otherwise")
    else:
        await withdraw(work, other, JOB, "booked_otherwise")


async def _reopen(work: Work, row: Record) -> None:
    try:
        await reopen_step(work, JOB, row["step_id"])
    except Problem as refused:
        # The patient left meanwhile: there is nothing to take up again.
        if refused.code != "enrolment_closed":
            raise


async def _again(work: Work, row: Record, state: VisitState) -> None:
    """The step is still to be done: its visit is asked for again, or the next who answers for it is told at once."""
    step, spec = await steps.find(work, row["step_id"]), await template_versions.step_of(work, row["step_id"])
    if step is None or spec is None or spec.needs_visit is None or step["state"] not in TO_DO:
        return
    left = row["attempt"] < spec.needs_visit.attempts and state != "refused"
    if left:
        await visits.want(work, [step], JOB)
    if state in ("expired", "refused") or not left:
        await steps.hurry(work, row["step_id"], JOB)
