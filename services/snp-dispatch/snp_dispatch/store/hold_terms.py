"""What changes on a hold while it lives: its time, its holder, the warning before its end."""

from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from snp_dispatch.store.rows import present

_EXTEND = """
WITH claim AS (
    UPDATE seat_claim SET expires_at = $3 WHERE slot_id = $2 AND hold_id = $1
)
UPDATE hold SET expires_at = $3, warn_at = $4, extended_at = $5, version = version + 1 WHERE id = $1
RETURNING *
"""
_TRANSFER = """
UPDATE hold SET token_digest = $2, transferred_to = $3, fence = nextval('hold_fence'), version = version + 1
 WHERE id = $1 RETURNING *
"""
# Only the hold is locked, which comes last in the order of locks. One that somebody works on waits for the next round.
_WARN = """
WITH due AS (
    SELECT id FROM hold WHERE state = 'active' AND warn_at <= $1 ORDER BY warn_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE hold h SET warn_at = NULL, version = h.version + CASE WHEN h.expires_at > $1 THEN 1 ELSE 0 END
  FROM due WHERE h.id = due.id
RETURNING h.id, h.territory, h.call_id, h.slot_id, h.expires_at, h.version, h.expires_at > $1 AS lives
"""


async def extend(work: Work, hold_id: UUID, slot_id: UUID, expires_at: datetime, warn_at: datetime | None) -> Record:
    """Gives a locked hold more time; its claim has the same end."""
    return present(await work.fetchrow(_EXTEND, hold_id, slot_id, expires_at, warn_at, work.now))


async def transfer(work: Work, hold_id: UUID, token_digest: bytes, to: str | None) -> Record:
    """Gives a locked hold another token, and a fence greater than every one before."""
    return present(await work.fetchrow(_TRANSFER, hold_id, token_digest, to))


async def warn(work: Work, limit: int) -> list[Record]:
    """Up to `limit` holds whose warning is due, of all territories (system role); none comes twice."""
    return await work.fetch(_WARN, work.now, limit)
