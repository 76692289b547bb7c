"""Surveys as a list."""

from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from pathways.store import surveys


async def list_surveys(
    work: Work,
    *,
    subject: str | None,
    topic: str | None,
    session_id: UUID | None,
    until: datetime | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """The newest first; `limit` + 1 of them."""
    return await surveys.listed(
        work, subject=subject, topic=topic, session_id=session_id, until=until, after=after, limit=limit + 1
    )
