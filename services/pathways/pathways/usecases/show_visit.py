"""Whom a call of the dispatch is for: who phones the patient comes here with its id."""

from uuid import UUID

from kit.problems import Problem
from kit.work import Record, Work
from pathways.store import visits
from pathways.usecases.access import Access


async def show_visit(work: Work, access: Access, visit_id: UUID) -> Record:
    """Raises Problem 403, 404 `visit_unknown`, or 410."""
    row = await visits.shown(work, visit_id)
    if row is None:
        raise Problem(404, "visit_unknown", "No step of this territory asked for this visit")
    await access.check(row["patient_id"], "pathway", enrolment_id=row["enrolment_id"])
    return row
