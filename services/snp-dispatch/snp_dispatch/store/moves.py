"""Moving a visit to another slot: both slots locked in order, then one statement that changes seats."""

from typing import Any
from uuid import UUID

import orjson

from kit.work import Record, Work
from snp_dispatch.store.audience import audience_now
from snp_dispatch.store.rows import Row, present

# The order of locks of the whole service (holds.py): slots by id, the call, the booking. Counting `locked` locks
# all of it before the call. `locked` was read before the wait: a booking that has moved meanwhile is not in it.
# $1 booking, $2 the slot to move to.
_LOCK = """
WITH locked AS MATERIALIZED (
    SELECT s.id FROM slot s
     WHERE s.id IN (SELECT $2 UNION ALL SELECT slot_id FROM booking WHERE id = $1) ORDER BY s.id FOR UPDATE
),
call_locked AS MATERIALIZED (
    SELECT c.client, c.client_organisation, c.need, c.patient, c.modes, c.audiences, c.earliest, c.deadline,
           c.radius_km, c.constraints
      FROM call c
     WHERE c.id = (SELECT call_id FROM booking WHERE id = $1) AND (SELECT count(*) FROM locked) > 0 FOR NO KEY UPDATE
)
SELECT b.*, c.*, b.slot_id = ANY (ARRAY(SELECT id FROM locked)) AS slot_locked
  FROM booking b, call_locked c WHERE b.id = $1 FOR UPDATE OF b
"""
# Both slots are locked: this snapshot is final. The old seat is freed and the new one claimed in one statement, so
# that nobody ever sees the patient without a seat, or with two. An extra patient had none, and has one now.
# $1 booking, $2 from, $3 to, $4 now, $5 the move.
_MOVE = f"""
WITH freed AS (
    DELETE FROM seat_claim c
     WHERE (c.slot_id = $2 AND c.booking_id = $1) OR (c.slot_id = $3 AND c.expires_at <= $4)
    RETURNING c.slot_id, c.hold_id
),
ended AS (
    UPDATE hold h SET state = 'expired', ended_at = $4, version = h.version + 1
     WHERE h.id = ANY (ARRAY(SELECT hold_id FROM freed)) AND h.state = 'active'
    RETURNING h.id, h.call_id, h.slot_id, h.state, h.version
),
claimed AS (
    INSERT INTO seat_claim (slot_id, seat, territory, booking_id)
    SELECT s.id,
           (SELECT min(n) FROM generate_series(1, s.capacity) n
             WHERE NOT EXISTS (SELECT FROM seat_claim c WHERE c.slot_id = s.id AND c.seat = n
                AND (c.expires_at IS NULL OR c.expires_at > $4))),
           s.territory, $1
      FROM slot s WHERE s.id = $3 AND (SELECT count(*) FROM ended) >= 0
    RETURNING slot_id
),
marked AS (
    UPDATE slot s SET taken = (s.id = $3)
     WHERE s.id = ANY (ARRAY(SELECT slot_id FROM claimed UNION ALL SELECT slot_id FROM freed)) AND s.capacity = 1
)
UPDATE booking b
   SET slot_id = s.id, effector_id = s.effector_id, effector_kind = e.kind, starts_at = s.starts_at,
       ends_at = s.ends_at, commune = s.commune, mode = s.mode, audience = {audience_now("$4")},
       overbooked = false, version = b.version + 1, moves = b.moves || $5::jsonb
  FROM slot s JOIN effector e ON e.id = s.effector_id
 WHERE b.id = $1 AND s.id = $3
RETURNING b.*, (SELECT coalesce(json_agg(ended), '[]') FROM ended) AS ended
"""


async def lock(work: Work, booking_id: UUID, to_slot_id: UUID) -> Record | None:
    """Locks both slots, the call and the booking; the booking with what its call asks for.

    `slot_locked` is false when the booking moved elsewhere while this waited.
    """
    return await work.fetchrow(_LOCK, booking_id, to_slot_id)


async def move(work: Work, booking_id: UUID, from_slot_id: UUID, to_slot_id: UUID, told: Row) -> Record:
    """Changes seats (under `lock`, with a seat free). `told` joins the history; `ended`: expired holds retired."""
    return present(await work.fetchrow(_MOVE, booking_id, from_slot_id, to_slot_id, work.now, _json([told])))


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()
