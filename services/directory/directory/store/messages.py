"""What was said to whom, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directory.store.query import Query
from kit.work import Record, Work

_KEEP = """
INSERT INTO message (id, territory, kind, purpose, owner_kind, owner, batch, sealed, created_at, version, changed_at,
                     changed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $9, $10)
"""
_QUEUE = """
INSERT INTO delivery (id, territory, lane, channel_id, sealed, message_id, type, state, tries, attempts, next_at,
                      created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', 0, 0, $8, $8)
"""
# Best first: one delivery that arrived is enough, one that is under way may still arrive.
_LIST = """
SELECT m.id, m.kind, m.purpose, m.owner_kind, m.owner, m.batch, m.created_at, m.changed_by,
       coalesce(s.state, 'unreachable') AS state, s.attempts, s.delivered_at, s.next_at
  FROM message m LEFT JOIN LATERAL (
       SELECT (ARRAY['delivered', 'queued', 'failed', 'cancelled'])[
                min(array_position(ARRAY['delivered', 'queued', 'failed', 'cancelled'], d.state))] AS state,
              sum(d.attempts)::integer AS attempts,
              min(d.ended_at) FILTER (WHERE d.state = 'delivered') AS delivered_at,
              min(d.next_at) FILTER (WHERE d.state = 'queued') AS next_at
         FROM delivery d WHERE d.message_id = m.id) s ON true
"""
_WAITING = """
SELECT lane, state, count(*) AS count, min(created_at) AS oldest
  FROM delivery WHERE territory = $1 AND state IN ('queued', 'failed') GROUP BY lane, state ORDER BY lane, state
"""
_EVERYWHERE = """
SELECT territory, lane, state, count(*) AS count, min(created_at) AS oldest
  FROM delivery WHERE state IN ('queued', 'failed') GROUP BY territory, lane, state
"""
_FIND = "SELECT sealed IS NOT NULL AS kept FROM message WHERE territory = $1 AND id = $2"
_AGAIN = """
UPDATE delivery SET state = 'queued', tries = 0, next_at = $3, ended_at = NULL
 WHERE territory = $1 AND message_id = $2 AND state = 'failed' RETURNING id
"""
_FORGET_DELIVERIES = """
DELETE FROM delivery WHERE id IN (
    SELECT id FROM delivery WHERE message_id IS NULL AND created_at < $1 LIMIT 1000) RETURNING id
"""
_FORGET_CONTENT = """
UPDATE message SET sealed = NULL, version = version + 1, changed_at = $2, changed_by = 'forget-messages'
 WHERE id IN (SELECT id FROM message WHERE sealed IS NOT NULL AND created_at < $1 LIMIT 1000)
"""


async def keep(
    work: Work,
    message_id: UUID,
    *,
    kind: str,
    purpose: str | None,
    owner: tuple[str, str],
    batch: UUID | None,
    sealed: bytes,
    by: str,
) -> None:
    """Stores what is said. `owner` is (kind, id)."""
    await work.execute(_KEEP, message_id, work.territory, kind, purpose, *owner, batch, sealed, work.now, by)


async def queue(
    work: Work, message_id: UUID, kind: str, *, lane: str, channel_id: UUID | None, sealed: bytes | None, new: UUID
) -> None:
    """One more address for a message: a channel, or a sealed address of no channel."""
    await work.execute(_QUEUE, new, work.territory, lane, channel_id, sealed, message_id, kind, work.now)


async def search(
    work: Work,
    *,
    owner: tuple[str, str] | None,
    kind: str | None,
    state: str | None,
    batch: UUID | None,
    before: UUID | None = None,
    only: UUID | None = None,
    limit: int,
) -> list[Record]:
    """Messages of the territory, the latest first."""
    query = Query()
    conditions = [query.bind("m.territory = ?", work.territory)]
    conditions += [query.bind("m.owner_kind = ? AND m.owner = ?", *owner)] if owner else []
    conditions += [query.bind("m.kind = ?", kind)] if kind else []
    conditions += [query.bind("coalesce(s.state, 'unreachable') = ?", state)] if state else []
    conditions += [query.bind("m.batch = ?", batch)] if batch else []
    conditions += [query.bind("m.id < ?", before)] if before else []
    conditions += [query.bind("m.id = ?", only)] if only else []
    limited = query.bind("ORDER BY m.id DESC LIMIT ?", limit)
    return await work.fetch(f"{_LIST} WHERE {' AND '.join(conditions)} {limited}", *query.args)


async def waiting(work: Work) -> list[Record]:
    """What is queued and what was given up on the territory, by lane."""
    return await work.fetch(_WAITING, work.territory)


async def waiting_everywhere(work: Work) -> list[Record]:
    """The same for every territory (system role)."""
    return await work.fetch(_EVERYWHERE)


async def forget(work: Work, before: datetime) -> int:
    """Bodies of events and contents of messages from before; who was told when stays (system role)."""
    gone: Sequence[Record] = await work.fetch(_FORGET_DELIVERIES, before)
    await work.execute("DELETE FROM attempt WHERE delivery_id = ANY($1)", [row["id"] for row in gone])
    emptied = await work.execute(_FORGET_CONTENT, before, work.now)
    return len(gone) + int(emptied.rpartition(" ")[2])


async def find(work: Work, message_id: UUID, *, lock: bool = False) -> Record | None:
    """Whether a message is there and its content kept (`kept`)."""
    return await work.fetchrow(_FIND + (" FOR UPDATE" if lock else ""), work.territory, message_id)


async def queue_again(work: Work, message_id: UUID) -> bool:
    """Deliveries that were given up are due now, with all their tries; False when there is none."""
    return bool(await work.fetch(_AGAIN, work.territory, message_id, work.now))
