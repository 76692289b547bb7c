"""The worklist: steps of all enrolments."""

from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from pathways.store import steps


async def list_steps(
    work: Work,
    *,
    state: str | None,
    role: str | None,
    template: str | None,
    due_before: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Record]:
    """One more than `limit`; what is due first comes first."""
    return await steps.several(
        work, state=state, role=role, template=template, due_before=due_before, after=after, limit=limit + 1
    )
