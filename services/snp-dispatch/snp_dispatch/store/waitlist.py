"""The waitlist: calls in state `waiting` in their order, what frees seats for them, and what they were offered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kit.work import Record, Work
from snp_dispatch.store import calls
from snp_dispatch.store.rows import Row

# The ids of events sort by time, so the last seconds are one range of the primary key. $1 first id, $2 types, $3 now.
# The end of a pause names its effector only: what comes back are the professions of their coming slots.
_NEWS = """
SELECT o.id, o.territory, coalesce(s.profession, back.profession) AS profession,
       (o.data ->> 'call_id')::uuid AS call_id
  FROM (SELECT id, territory, body::json -> 'data' AS data FROM outbox WHERE id >= $1 AND type = ANY ($2)) o
  LEFT JOIN slot s ON s.id = coalesce(o.data ->> 'from_slot_id', o.data ->> 'slot_id')::uuid
  LEFT JOIN LATERAL (
       SELECT DISTINCT b.profession FROM slot b
        WHERE b.effector_id = o.data ->> 'effector_number' AND b.territory = o.territory
          AND b.starts_at > $3 AND b.withdrawn_at IS NULL) back ON true
 ORDER BY o.id
"""
# A call that holds a seat is not looked after, and would stand in the way of those that wait.
_IDLE = """
c.state = 'waiting' AND c.deadline > $1
   AND NOT EXISTS (SELECT FROM hold h WHERE h.call_id = c.id AND h.state = 'active' AND h.expires_at > $1)
"""
_STALE = f"""
SELECT DISTINCT territory FROM (
    SELECT c.territory FROM call c WHERE {_IDLE} AND c.searched_at < $2 ORDER BY c.searched_at LIMIT 20) c
"""
_ORDER = "c.priority, c.deadline, c.received_at, c.id"
# $1 now, $2 territory, $3 professions that have new seats, $4 calls, $5 those last searched for before.
_WAITING = f"""
SELECT c.id FROM call c
 WHERE {_IDLE} AND c.territory = $2
   AND (c.searched_at < $5 OR c.id = ANY ($4) OR c.profession = ANY ($3) OR EXISTS (
        SELECT FROM escalation_step t
         WHERE t.call_id = c.id AND t.kind = 'other_profession' AND t.outcome = 'done'
           AND t.detail ->> 'profession' = ANY ($3)))
 ORDER BY {_ORDER} LIMIT $6
"""
_SEARCHED = """
UPDATE call SET searched_at = $2 WHERE id IN (
    SELECT id FROM call WHERE id = ANY ($1) AND state = 'waiting' ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
"""
_LOCK = "SELECT id FROM call WHERE id = $1 AND state = 'waiting' AND deadline > $2 FOR NO KEY UPDATE"
_OFFERED = "UPDATE call SET version = version + 1 WHERE id = $1 RETURNING version"
_KEEP_OFFER = """
INSERT INTO seat_offer (hold_id, territory, call_id, slot_id, offered_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
_OFFERED_SLOTS = "SELECT slot_id FROM seat_offer WHERE call_id = $1"
_LAST_OFFER = """
SELECT h.id, h.state, h.expires_at, h.token_digest FROM seat_offer o JOIN hold h ON h.id = o.hold_id
 WHERE o.call_id = $1 ORDER BY o.offered_at DESC, h.id DESC LIMIT 1
"""
# $1 territory, $2 now, $3 profession, $4 origin, $5.. key of the last row seen.
_LIST = f"""
SELECT w.*, (SELECT max(b.ended_at) FROM booking b WHERE b.call_id = w.id AND b.state = 'cancelled') AS reopened_at,
       (SELECT count(*) FROM seat_offer o WHERE o.call_id = w.id) AS offers,
       ARRAY(SELECT t.kind FROM escalation_step t WHERE t.call_id = w.id AND t.outcome = 'done' ORDER BY t.position)
           AS steps,
       (SELECT to_jsonb(h) FROM (SELECT id, slot_id, expires_at, fence FROM hold
         WHERE call_id = w.id AND state = 'active' AND expires_at > $2) h) AS hold
  FROM (SELECT row_number() OVER (ORDER BY {_ORDER}) AS position, c.id, c.priority, c.deadline, c.received_at,
               c.need, c.patient, c.caller, c.origin, c.book, c.searched_at
          FROM call c WHERE c.territory = $1 AND c.state = 'waiting' AND c.deadline > $2) w
 WHERE ($3::text IS NULL OR w.need ->> 'profession' = $3) AND ($4::text IS NULL OR w.origin = $4)
   AND ($5::int IS NULL OR (w.priority, w.deadline, w.received_at, w.id)
                         > ($5::int, $6::timestamptz, $7::timestamptz, $8::uuid))
 ORDER BY w.position LIMIT $9
"""

Key = tuple[int, datetime, datetime, UUID]
"""Where the list goes on: priority, deadline, received at, id."""


@dataclass(frozen=True)
class NewOffer:
    """A hold that was placed for a waiting call, which its caller may accept."""

    hold_id: UUID
    call_id: UUID
    slot_id: UUID
    expires_at: datetime


async def news(work: Work, since: datetime, types: Sequence[str]) -> list[Record]:
    """Own events of these types since about then: `id, territory, profession, call_id` (system role)."""
    first = UUID(int=int(since.timestamp() * 1000) << 80)
    return await work.fetch(_NEWS, first, list(types), work.now)


async def stale(work: Work, searched_before: datetime) -> list[str]:
    """Territories whose waiting calls were looked after too long ago (system role)."""
    return [row["territory"] for row in await work.fetch(_STALE, work.now, searched_before)]


async def waiting(
    work: Work,
    territory: str,
    *,
    professions: Collection[str],
    calls: Collection[UUID],
    searched_before: datetime,
    limit: int,
) -> list[UUID]:
    """Calls that wait and hold nothing, in their order (system role).

    Those of some professions, or that a step of the ladder allows them; some calls; and those that were looked after
    too long ago. What does not concern a round takes no place in its limit.
    """
    values = (work.now, territory, list(professions), list(calls), searched_before, limit)
    return [row["id"] for row in await work.fetch(_WAITING, *values)]


async def searched(work: Work, call_ids: Sequence[UUID]) -> None:
    """Remembers that slots were looked for (system role). A call that somebody works on is left out."""
    await work.execute(_SEARCHED, list(call_ids), work.now)


async def lock_waiting(work: Work, call_id: UUID) -> bool:
    """Locks a call after its slot; whether it still waits and holds nothing."""
    if await work.fetchval(_LOCK, call_id, work.now) is None:
        return False
    return not await calls.holds_now(work, call_id)


async def keep_offer(work: Work, offer: NewOffer) -> int:
    """Notes what a call was offered; answers the call's new version."""
    await work.execute(
        _KEEP_OFFER, offer.hold_id, work.territory, offer.call_id, offer.slot_id, work.now, offer.expires_at
    )
    version: int = await work.fetchval(_OFFERED, offer.call_id)
    return version


async def offered_slots(work: Work, call_id: UUID) -> frozenset[UUID]:
    """Slots that were kept for the call before; what was not accepted is not offered to it again."""
    return frozenset(row["slot_id"] for row in await work.fetch(_OFFERED_SLOTS, call_id))


async def last_offer(work: Work, call_id: UUID) -> Record | None:
    """The hold of the latest offer: `id, state, expires_at, token_digest`."""
    return await work.fetchrow(_LAST_OFFER, call_id)


async def page(work: Work, *, profession: str | None, origin: str | None, after: Key | None, limit: int) -> list[Row]:
    """Waiting calls with their position in the whole list."""
    key = after or (None, None, None, None)
    rows = await work.fetch(_LIST, work.territory, work.now, profession, origin, *key, limit)
    return [dict(row) for row in rows]


STALE_AFTER = timedelta(seconds=60)
"""A waiting call is searched for at least so often, for what frees a seat without an event."""
