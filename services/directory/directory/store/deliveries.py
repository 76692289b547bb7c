"""Deliveries by e-mail: claimed, attempted, ended. Each attempt is kept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.work import Record, Work

# `next_at` is the lease: who dies while sending leaves the delivery due again when it ends. The attempt is counted
# before it is made: one that never ended shows.
_CLAIM = """
WITH due AS (
    SELECT d.id FROM delivery d LEFT JOIN channel c ON c.id = d.channel_id
     WHERE d.state = 'queued' AND d.lane = 'email' AND d.next_at <= $1 AND c.paused IS NOT TRUE
     ORDER BY d.next_at, d.seq LIMIT $3 FOR UPDATE OF d SKIP LOCKED
), taken AS (
    UPDATE delivery d SET next_at = $2, tries = tries + 1, attempts = attempts + 1 FROM due WHERE d.id = due.id
    RETURNING d.*
), begun AS (
    INSERT INTO attempt (delivery_id, number, territory, at) SELECT id, attempts, territory, $1 FROM taken
)
SELECT t.id, t.territory, t.channel_id, t.tries, t.attempts, t.created_at, t.sealed AS direct, t.message_id,
       m.sealed AS content, c.sealed AS address, c.ended_at
  FROM taken t JOIN message m ON m.id = t.message_id LEFT JOIN channel c ON c.id = t.channel_id ORDER BY t.seq
"""
_ATTEMPT = """
UPDATE attempt SET outcome = $3, status = $4, milliseconds = $5, excerpt = $6 WHERE delivery_id = $1 AND number = $2
"""
# Only the holder of the latest attempt settles: a slow one whose lease was over changes nothing.
_SETTLE = """
UPDATE delivery SET state = $3, next_at = $4, ended_at = CASE WHEN $3 <> 'queued' THEN $5::timestamptz END
 WHERE id = $1 AND attempts = $2 AND state = 'queued'
"""
_ATTEMPTS = """
SELECT delivery_id, number, at, outcome, status, milliseconds, excerpt FROM attempt
 WHERE territory = $1 AND delivery_id = ANY($2) ORDER BY delivery_id, number
"""


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended: `code` is `delivered` or a cause. `final`: trying again is vain."""

    code: str
    status: int | None = None
    milliseconds: int = 0
    excerpt: str | None = None
    final: bool = False

    @property
    def delivered(self) -> bool:
        return self.code == "delivered"


async def claim_email(work: Work, until: datetime, limit: int) -> list[Record]:
    """E-mails to send now, of all territories, with what to say and to whom (system role)."""
    return await work.fetch(_CLAIM, work.now, until, limit)


async def settle(
    work: Work, delivery_id: UUID, number: int, outcome: Outcome, *, state: str, next_at: datetime
) -> None:
    """Notes how attempt `number` ended, and where the delivery stands now."""
    await work.execute(
        _ATTEMPT, delivery_id, number, outcome.code, outcome.status, outcome.milliseconds, outcome.excerpt
    )
    await work.execute(_SETTLE, delivery_id, number, state, next_at, work.now)


async def attempts(work: Work, deliveries: list[UUID]) -> list[Record]:
    """All attempts of these deliveries."""
    return await work.fetch(_ATTEMPTS, work.territory, deliveries)
