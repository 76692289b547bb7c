"""Busy time that an effector's own calendar told, and the slots that it closes."""

from collections.abc import Sequence
from uuid import UUID

from kit.work import Record, Work
from snp_dispatch.domain.recurrence import Period
from snp_dispatch.store.overbookings import extra_visits

_FORGET = "DELETE FROM busy_period WHERE territory = $1 AND effector_id = $2"
_KEEP = """
INSERT INTO busy_period (territory, effector_id, starts_at, ends_at)
SELECT $1, $2, starts_at, ends_at FROM unnest($3::timestamptz[], $4::timestamptz[]) AS b (starts_at, ends_at)
"""
_LOCK = """
SELECT s.id FROM slot s
 WHERE s.territory = $1 AND s.effector_id = $2 AND s.starts_at > $3 AND s.withdrawn_at IS NULL
   AND EXISTS (SELECT FROM busy_period b
        WHERE b.territory = s.territory AND b.effector_id = s.effector_id
          AND b.starts_at < s.ends_at AND b.ends_at > s.starts_at)
 ORDER BY s.id FOR UPDATE
"""
# A statement after the locks: it sees the claims of those that the first one waited for.
_CLOSE = f"""
UPDATE slot s SET withdrawn_at = $2, withdrawn_reason = $3, version = s.version + 1
 WHERE s.id = ANY ($1) AND NOT EXISTS (
       SELECT FROM seat_claim c WHERE c.slot_id = s.id AND (c.expires_at IS NULL OR c.expires_at > $2))
   AND {extra_visits("s.id")} = 0
RETURNING s.id, s.version
"""


async def replace(work: Work, effector_id: str, periods: Sequence[Period]) -> None:
    """Keeps what a calendar says now; what an earlier one said is forgotten."""
    await work.execute(_FORGET, work.territory, effector_id)
    starts, ends = [it.starts_at for it in periods], [it.ends_at for it in periods]
    await work.execute(_KEEP, work.territory, effector_id, starts, ends)


async def lock_overlapping(work: Work, effector_id: str) -> list[UUID]:
    """Locks the coming slots of the effector that lie in busy time."""
    return [row["id"] for row in await work.fetch(_LOCK, work.territory, effector_id, work.now)]


async def close_free(work: Work, slot_ids: Sequence[UUID], reason: str) -> list[Record]:
    """Withdraws those of the locked slots that nobody holds or has booked."""
    return await work.fetch(_CLOSE, list(slot_ids), work.now, reason)
