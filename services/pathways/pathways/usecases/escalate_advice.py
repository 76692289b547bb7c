"""A question that nobody answered goes on to the next of the on-call order, and is told overdue at its end."""

from collections.abc import Mapping

from kit.work import Work
from pathways.domain.advice import AdviceRules
from pathways.store import advice
from pathways.usecases.ask_advice import pass_on, tell_escalated

JOB = "escalate-advice"


async def escalate_advice(work: Work, rules: Mapping[str, AdviceRules], limit: int) -> int:
    """One batch, of all territories, under the system role. Answers how many were taken up."""
    waiting = await advice.waiting(work, limit)
    for row in waiting:
        if await pass_on(work, rules[row["territory"]], row, JOB, "unanswered") is None:
            late = row["due_at"] <= work.now
            then = None if late else row["due_at"]
            changed = await advice.advance(
                work, row, JOB, turn=row["turn"], next_at=then, overdue_at=work.now if late else None
            )
            if late:
                tell_escalated(work, changed, None, "overdue")
    return len(waiting)
