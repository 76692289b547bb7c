"""Bookings: the seat of a one-shot call, and what becomes of a visit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from kit.work import Record, Work
from snp_dispatch.store.audience import paused
from snp_dispatch.store.rows import Row, present

# A slot that another transaction works on is skipped: whoever books the best slot in one shot takes the
# next one instead of waiting. $1 slots, best first, $2 booking, $3 now, $4 territory.
_CLAIM_BEST = f"""
WITH wanted AS (
    SELECT id, n FROM unnest($1::uuid[]) WITH ORDINALITY AS w (id, n)
),
locked AS MATERIALIZED (
    SELECT s.id, s.capacity FROM slot s JOIN wanted USING (id)
     WHERE s.withdrawn_at IS NULL AND NOT {paused("$3", "s.territory")}
       AND (SELECT count(*) FROM seat_claim c
             WHERE c.slot_id = s.id AND (c.expires_at IS NULL OR c.expires_at > $3)) < s.capacity
     ORDER BY wanted.n LIMIT 1 FOR UPDATE OF s SKIP LOCKED
),
freed AS (
    DELETE FROM seat_claim c WHERE c.slot_id = (SELECT id FROM locked) AND c.expires_at <= $3 RETURNING c.hold_id
),
ended AS (
    UPDATE hold h SET state = 'expired', ended_at = $3, version = h.version + 1
     WHERE h.id = ANY (ARRAY(SELECT hold_id FROM freed)) AND h.state = 'active'
    RETURNING h.id, h.call_id, h.slot_id, h.state, h.version
),
claimed AS (
    INSERT INTO seat_claim (slot_id, seat, territory, booking_id)
    SELECT locked.id,
           (SELECT min(n) FROM generate_series(1, locked.capacity) n
             WHERE NOT EXISTS (SELECT FROM seat_claim c WHERE c.slot_id = locked.id AND c.seat = n
                AND (c.expires_at IS NULL OR c.expires_at > $3))),
           $4, $2
      FROM locked WHERE (SELECT count(*) FROM ended) >= 0
    ON CONFLICT DO NOTHING
    RETURNING slot_id
),
marked AS (
    UPDATE slot s SET taken = true WHERE s.id = (SELECT slot_id FROM claimed) AND s.capacity = 1
)
SELECT (SELECT id FROM locked) AS tried, (SELECT slot_id FROM claimed) AS claimed,
       (SELECT coalesce(json_agg(ended), '[]') FROM ended) AS ended
"""
_INSERT = """
INSERT INTO booking (id, territory, call_id, slot_id, effector_id, effector_kind, origin, patient_ref,
                     call_received_at, starts_at, ends_at, commune, mode, audience, state, version, confirmed_at,
                     overbooked)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $15, $10, $11, $12, $13, $14, 'confirmed', 1, $9, $16)
"""
_GET = "SELECT b.*, c.client FROM booking b JOIN call c ON c.id = b.call_id WHERE b.id = $1"
_OF_CALL = "SELECT * FROM booking WHERE call_id = $1 AND state <> 'cancelled'"
# Slot, then call, then booking: the order of locks of the whole service (see holds.py).
_LOCK = """
WITH locked AS MATERIALIZED (
    SELECT s.id FROM slot s WHERE s.id = (SELECT slot_id FROM booking WHERE id = $1) FOR UPDATE
),
call_locked AS MATERIALIZED (
    SELECT c.id, c.deadline, c.client FROM call c
     WHERE c.id = (SELECT call_id FROM booking WHERE id = $1) AND EXISTS (SELECT FROM locked) FOR NO KEY UPDATE
)
SELECT b.*, (SELECT deadline FROM call_locked) AS deadline, (SELECT client FROM call_locked) AS client,
       b.slot_id = (SELECT id FROM locked) AS slot_locked
  FROM booking b WHERE b.id = $1 AND EXISTS (SELECT FROM call_locked) FOR UPDATE OF b
"""
_END = """
UPDATE booking SET state = $2, ended_at = $3, ended_by = $4, reason = $5, absent = $6, version = version + 1,
       outcomes = outcomes || $7::jsonb
 WHERE id = $1 RETURNING *
"""
# A call whose patient counts as seen waits for an outcome again; `call.not_seen`, once told, is not told twice.
_UNDO = """
WITH loop AS (
    UPDATE call c SET loop_end = NULL, loop_ended_at = NULL
      FROM booking b WHERE b.id = $1 AND c.id = b.call_id AND c.loop_end = 'seen'
)
UPDATE booking SET state = $2, ended_at = NULL, ended_by = NULL, reason = NULL, absent = NULL, version = version + 1,
       outcomes = outcomes || $3::jsonb
 WHERE id = $1 RETURNING *
"""
# An extra patient has no claim: the seat is still its owner's.
_FREE = """
WITH freed AS (DELETE FROM seat_claim WHERE slot_id = $1 AND booking_id = $2 RETURNING slot_id)
UPDATE slot SET taken = false WHERE id = (SELECT slot_id FROM freed) AND capacity = 1
"""
_OF_PRACTITIONER = """
SELECT EXISTS (SELECT FROM booking WHERE call_id = $1 AND effector_id = $2 AND state <> 'cancelled')
"""


@dataclass(frozen=True)
class NewBooking:
    """A visit that a call gets now. `overbooked`: no seat."""

    id: UUID
    call_id: UUID
    slot_id: UUID
    effector_id: str
    effector_kind: str
    origin: str
    patient_ref: str | None
    starts_at: datetime
    ends_at: datetime
    commune: str
    mode: str
    audience: Sequence[str]
    call_received_at: datetime
    overbooked: bool = False


async def claim_best(work: Work, slot_ids: list[UUID], booking_id: UUID, *, territory: str | None = None) -> Row:
    """Claims a seat of the first of the slots that nobody else works on.

    `claimed` is the slot or null. `tried` not null and `claimed` null: lost to a transaction that has just
    committed, so asking again sees more. Both null: none is free and unlocked. `ended`: holds retired.
    `territory` is whose slots they are, when they are a neighbour's.
    """
    row = await work.fetchrow(_CLAIM_BEST, slot_ids, booking_id, work.now, territory or work.territory)
    return dict(present(row))


async def insert(work: Work, booking: NewBooking) -> None:
    """Stores a booking whose seat is claimed, or that is an extra one."""
    await work.execute(
        _INSERT,
        booking.id,
        work.territory,
        booking.call_id,
        booking.slot_id,
        booking.effector_id,
        booking.effector_kind,
        booking.origin,
        booking.patient_ref,
        work.now,
        booking.starts_at,
        booking.ends_at,
        booking.commune,
        booking.mode,
        sorted(booking.audience),
        booking.call_received_at,
        booking.overbooked,
    )


async def get(work: Work, booking_id: UUID) -> Record | None:
    """A booking, with the client that made its call."""
    return await work.fetchrow(_GET, booking_id)


async def of_call(work: Work, call_id: UUID) -> Record | None:
    """The booking of a call, unless it is cancelled."""
    return await work.fetchrow(_OF_CALL, call_id)


async def lock(work: Work, booking_id: UUID) -> Record | None:
    """Locks a booking, its call and its slot; adds the call's `deadline` and `client`.

    `slot_locked` is false when the booking moved to another slot while this waited.
    """
    return await work.fetchrow(_LOCK, booking_id)


async def end(
    work: Work,
    booking_id: UUID,
    state: str,
    *,
    by: str | None,
    reason: str | None,
    absent: str | None,
    outcome: Row | None = None,
) -> Record:
    """Ends a locked booking; `outcome` joins its history. Answers it as it now is."""
    told = _json([outcome] if outcome else [])
    return present(await work.fetchrow(_END, booking_id, state, work.now, by, reason, absent, told))


async def undo_outcome(work: Work, booking_id: UUID, state: str, outcome: Row) -> Record:
    """Takes the outcome of a locked booking back, and the end of its call's loop if that was `seen`."""
    return present(await work.fetchrow(_UNDO, booking_id, state, _json([outcome])))


async def free_seat(work: Work, slot_id: UUID, booking_id: UUID) -> None:
    """Gives the seat of a cancelled booking back, if it had one (under the lock of its slot)."""
    await work.execute(_FREE, slot_id, booking_id)


async def is_of_practitioner(work: Work, call_id: UUID, rpps: str) -> bool:
    """Whether this practitioner sees, or saw, the patient of the call."""
    found: bool = await work.fetchval(_OF_PRACTITIONER, call_id, rpps)
    return found


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()
