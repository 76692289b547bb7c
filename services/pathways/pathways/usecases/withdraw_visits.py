"""Withdraws visits that are wanted no more: the step was closed or moved, the pathway rests or ended."""

from uuid import UUID

from contracts.pathways import StepVisitWithdrawn
from kit.work import Record, Work
from pathways.domain.visits import Reason, wanted_now, why_withdrawn
from pathways.store import steps, visits

JOB = "withdraw-visits"


async def withdraw_visits(work: Work, limit: int) -> int:
    """One batch, of all territories, under the system role. A step that moved and is due asks anew."""
    rows = await visits.stale(work, limit)
    for row in rows:
        same = row["due_at"] == row["step_due_at"]
        reason = why_withdrawn(row["step_state"], same_window=same)
        await withdraw(work, row, JOB, reason)
        if reason == "step_moved" and wanted_now(row["step_state"], row["visit"]):
            await visits.want(work, [step] if (step := await steps.find(work, row["step_id"])) else [], JOB)
    return len(rows)


async def withdraw_all(work: Work, patient_id: UUID) -> None:
    """Of a patient whose rows are about to go."""
    for row in await visits.of_patient(work, patient_id):
        await withdraw(work, row, JOB, "patient_absent")


async def withdraw(work: Work, row: Record, by: str, reason: Reason) -> None:
    """Of one that the dispatch was asked for; the row is locked by the caller."""
    ended = await visits.end(work, row["id"], by, "withdrawn", reason)
    told = StepVisitWithdrawn(visit_id=ended["id"], reason=reason)
    work.emit(told, version=2, territory=ended["territory"])
