"""Busy time that an effector's own calendar told, and the slots that it closes."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from kit.work import Record, Work
from snp_dispatch.domain.recurrence import Period
from snp_dispatch.store.overbookings import extra_visits

_FORGET = "DELETE FROM busy_period WHERE territory = $1 AND effector_id = $2 RETURNING starts_at, ends_at"
_KEEP = """
INSERT INTO busy_period (territory, effector_id, starts_at, ends_at)
SELECT $1, $2, starts_at, ends_at FROM unnest($3::timestamptz[], $4::timestamptz[]) AS b (starts_at, ends_at)
"""
# $1 territory, $2 effector, $3 now, $4 reason. Open ones in busy time; closed ones that it does not concern any more.
_LOCK = """
SELECT s.id, s.withdrawn_at IS NULL AS open FROM slot s
 CROSS JOIN LATERAL (
       SELECT EXISTS (SELECT FROM busy_period b
               WHERE b.territory = s.territory AND b.effector_id = s.effector_id
                 AND b.starts_at < s.ends_at AND b.ends_at > s.starts_at) AS busy) now
 WHERE s.territory = $1 AND s.effector_id = $2 AND s.starts_at > $3
   AND CASE WHEN s.withdrawn_at IS NULL THEN now.busy
            ELSE s.withdrawn_reason = $4 AND NOT now.busy
             AND NOT EXISTS (SELECT FROM closure c WHERE c.territory = s.territory AND c.effector_id = s.effector_id
                  AND c.starts_at < s.ends_at AND c.ends_at > s.starts_at)
             AND NOT EXISTS (SELECT FROM availability a WHERE a.id = s.availability_id AND a.ended_at IS NOT NULL) END
 ORDER BY s.id FOR UPDATE OF s
"""
# A statement after the locks: it sees the claims of those that the first one waited for.
_CLOSE = f"""
UPDATE slot s SET withdrawn_at = $2, withdrawn_reason = $3, version = s.version + 1
 WHERE s.id = ANY ($1) AND NOT EXISTS (
       SELECT FROM seat_claim c WHERE c.slot_id = s.id AND (c.expires_at IS NULL OR c.expires_at > $2))
   AND {extra_visits("s.id")} = 0
RETURNING s.id, s.version
"""
_REOPEN = """
UPDATE slot SET withdrawn_at = NULL, withdrawn_reason = NULL, version = version + 1 WHERE id = $1 RETURNING version
"""


async def replace(work: Work, effector_id: str, periods: Sequence[Period]) -> list[Period]:
    """Keeps what a calendar says now; what an earlier one said is forgotten and answered."""
    before = await work.fetch(_FORGET, work.territory, effector_id)
    starts, ends = [it.starts_at for it in periods], [it.ends_at for it in periods]
    await work.execute(_KEEP, work.territory, effector_id, starts, ends)
    return [Period(row["starts_at"], row["ends_at"]) for row in before]


async def lock_concerned(work: Work, effector_id: str, reason: str) -> tuple[list[UUID], list[UUID]]:
    """Locks the coming slots that lie in busy time, and those that were withdrawn for `reason` and do so no more."""
    rows = await work.fetch(_LOCK, work.territory, effector_id, work.now, reason)
    return [row["id"] for row in rows if row["open"]], [row["id"] for row in rows if not row["open"]]


async def close_free(work: Work, slot_ids: Sequence[UUID], reason: str) -> list[Record]:
    """Withdraws those of the locked slots that nobody holds or has booked."""
    return await work.fetch(_CLOSE, list(slot_ids), work.now, reason)


async def reopen(work: Work, slot_id: UUID) -> int | None:
    """Puts a locked, withdrawn slot back on the offer; None where another slot of the effector lies now.

    That slot may be another territory's, which only the constraint sees.
    """
    await work.execute("SAVEPOINT reopen")
    try:
        version: int = await work.fetchval(_REOPEN, slot_id)
    except asyncpg.ExclusionViolationError:
        await work.execute("ROLLBACK TO SAVEPOINT reopen")
        return None
    await work.execute("RELEASE SAVEPOINT reopen")
    return version
