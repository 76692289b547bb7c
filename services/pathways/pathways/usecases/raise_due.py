"""Tells that a step is to be done from now on: its window has opened."""

from contracts.pathways import StepDue
from kit.work import Work
from pathways.store import steps, visits


async def raise_due(work: Work, limit: int) -> int:
    """One batch, of all territories, under the system role. Answers how many were raised."""
    rows = await steps.raise_due(work, limit)
    for row in rows:
        told = StepDue(
            step_id=row["id"],
            enrolment_id=row["enrolment_id"],
            template=row["template"],
            step=row["key"],
            code=row["code"],
            role=row["role"],
            opens_at=row["opens_at"],
            due_at=row["due_at"],
        )
        work.emit(told, version=row["version"], territory=row["territory"])
    await visits.want(work, [row for row in rows if row["visit"] == "due"], "raise-due-steps")
    return len(rows)
