"""Sessions as a list."""

from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from pathways.store import sessions


async def list_sessions(
    work: Work,
    *,
    kind: str | None,
    topic: str | None,
    state: str | None,
    since: datetime | None,
    before: datetime | None,
    until: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Record]:
    """The latest first; `limit` + 1 of them. `since`, `before`: when they start."""
    wanted = (
        ("kind = ?", kind),
        ("topic = ?", topic),
        ("state = ?", state),
        ("starts_at >= ?", since),
        ("starts_at < ?", before),
    )
    return await sessions.listed(work, wanted, until=until, after=after, limit=limit + 1)
