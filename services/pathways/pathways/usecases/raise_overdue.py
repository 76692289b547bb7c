"""Tells, once for each step, that its time has passed: the first sign of a break in the pathway (*rupture*)."""

from contracts.pathways import StepOverdue
from kit.work import Work
from pathways.store import steps, visits


async def raise_overdue(work: Work, limit: int) -> int:
    """One batch, of all territories, under the system role. Answers how many were raised."""
    rows = await steps.raise_overdue(work, limit)
    for row in rows:
        told = StepOverdue(
            step_id=row["id"],
            enrolment_id=row["enrolment_id"],
            template=row["template"],
            step=row["key"],
            role=row["role"],
            due_at=row["due_at"],
        )
        work.emit(told, version=row["version"], territory=row["territory"])
    await visits.want(work, [row for row in rows if row["visit"] == "overdue"], "raise-overdue-steps")
    return len(rows)
