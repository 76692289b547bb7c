"""The worklist: steps of all enrolments."""

from datetime import datetime
from typing import get_args
from uuid import UUID

from kit.work import Record, Work
from pathways.domain.replanning import OPEN, StepState
from pathways.store import worklist
from pathways.usecases.access import Access


async def list_steps(
    work: Work,
    access: Access,
    *,
    state: StepState | None,
    still_open: bool,
    role: str | None,
    template: str | None,
    due_before: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Record]:
    """One more than `limit` of those that the caller may see; what is due first comes first.

    `still_open` keeps what is still to be done: planned, due or overdue.
    """
    filters = [("step.role = ?", role), ("enrolment.template = ?", template), ("step.due_at <= ?", due_before)]
    wanted = _wanted(state, still_open=still_open)
    return await worklist.several(work, access.sight(), wanted, filters, after=after, limit=limit + 1)


def _wanted(state: StepState | None, *, still_open: bool) -> list[StepState]:
    """In a fixed order, so that statements are few."""
    named: list[StepState] = [state] if state else list(get_args(StepState))
    return [it for it in named if not still_open or it in OPEN]
