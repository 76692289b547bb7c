"""Which visits have their reminders set, and for which start: a visit that moves gets new ones."""

from datetime import datetime
from uuid import UUID

from kit.work import Record, Work

# A visit that somebody works on is left to the next round.
_UNSET = """
WITH found AS (
    SELECT id FROM booking
     WHERE state = 'confirmed' AND reminders_for IS DISTINCT FROM starts_at AND starts_at > $1
     ORDER BY starts_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE booking b SET reminders_for = b.starts_at FROM found WHERE b.id = found.id
RETURNING b.id, b.territory, b.starts_at
"""
_COUNT = """
UPDATE booking SET version = version + 1 WHERE id = $1 AND state = 'confirmed' AND starts_at = $2 RETURNING *
"""


async def unset(work: Work, limit: int) -> list[Record]:
    """Marks visits to come without reminders for their start: `id, territory, starts_at` (system role)."""
    return await work.fetch(_UNSET, work.now, limit)


async def count(work: Work, booking_id: UUID, starts_at: datetime) -> Record | None:
    """The visit with its next version; None when it was cancelled, moved or has an outcome."""
    return await work.fetchrow(_COUNT, booking_id, starts_at)
