"""Tells the next of those who answer for a step that it is still overdue: a break is not left to one person."""

from contracts.pathways import StepEscalated
from kit.work import Work
from pathways.store import steps


async def escalate_steps(work: Work, limit: int) -> int:
    """One batch, of all territories, under the system role. Answers how many were told of."""
    rows = await steps.escalate(work, limit)
    for row in rows:
        told = StepEscalated(
            step_id=row["id"],
            enrolment_id=row["enrolment_id"],
            template=row["template"],
            step=row["key"],
            code=row["code"],
            rung=row["rung"],
            role=row["told_role"],
            due_at=row["due_at"],
        )
        work.emit(told, version=row["version"], territory=row["territory"])
    return len(rows)
