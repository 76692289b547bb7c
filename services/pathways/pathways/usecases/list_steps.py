"""The worklist: steps of all enrolments."""

from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from pathways.store import steps
from pathways.usecases.access import Access


async def list_steps(
    work: Work,
    access: Access,
    *,
    state: str | None,
    role: str | None,
    template: str | None,
    due_before: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Record]:
    """One more than `limit` of those that the caller may see; what is due first comes first."""
    return await steps.several(
        work,
        access.sight(),
        state=state,
        role=role,
        template=template,
        due_before=due_before,
        after=after,
        limit=limit + 1,
    )
