"""Enrolments of a territory."""

from uuid import UUID

from kit.work import Record, Work
from pathways.store import enrolments
from pathways.usecases.access import Access


async def list_enrolments(
    work: Work,
    access: Access,
    *,
    patient_id: UUID | None,
    template: str | None,
    state: str | None,
    overdue: bool | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """One more than `limit` of those that the caller may see, the newest first, each with its progress."""
    return await enrolments.several(
        work,
        access.sight(),
        patient_id=patient_id,
        template=template,
        state=state,
        overdue=overdue,
        after=after,
        limit=limit + 1,
    )
