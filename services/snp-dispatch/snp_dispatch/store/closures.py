"""Closing a period of an agenda: what lies in it, all locks at once, and the record of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kit.work import Record, Work

_SLOTS = """
SELECT s.id, s.starts_at FROM slot s
 WHERE s.effector_id = $1 AND s.territory = $2 AND s.withdrawn_at IS NULL AND s.starts_at > $5
   AND s.starts_at < $4 AND s.ends_at > $3 ORDER BY s.starts_at, s.id
"""
_HOLDS = """
SELECT h.id, h.call_id, h.slot_id FROM seat_claim c JOIN hold h ON h.id = c.hold_id
 WHERE c.slot_id = ANY ($1) AND h.state = 'active' AND h.expires_at > $2 ORDER BY h.id
"""
# In the order of the waitlist: who is worst off chooses first.
_BOOKINGS = """
SELECT b.id AS booking_id, b.slot_id, b.starts_at, c.*
  FROM booking b JOIN call c ON c.id = b.call_id
 WHERE b.id = ANY (ARRAY(SELECT booking_id FROM seat_claim WHERE slot_id = ANY ($1)
                         UNION ALL SELECT id FROM booking WHERE slot_id = ANY ($1) AND overbooked))
   AND b.state = 'confirmed' ORDER BY c.priority, c.deadline, c.received_at, c.id
"""
# A neighbour's visit: the booking shows to the territory of its slot, the call does not.
_LENT = """
SELECT b.slot_id FROM booking b WHERE b.slot_id = ANY ($1) AND b.slot_territory = $2 AND b.state = 'confirmed'
 ORDER BY b.slot_id
"""
_LOCK = "SELECT id FROM slot WHERE id = ANY ($1) ORDER BY id FOR UPDATE"
_LOCK_AT_ONCE = "SELECT id FROM slot WHERE id = ANY ($1) ORDER BY id FOR UPDATE SKIP LOCKED"
# The lock that publishing takes: no slot comes into the period meanwhile.
_LOCK_AGENDA = "SELECT FROM effector WHERE id = $1 FOR NO KEY UPDATE"
_WITHDRAW = """
UPDATE slot SET withdrawn_at = $2, withdrawn_reason = $3, version = version + 1 WHERE id = ANY ($1)
RETURNING id, version
"""
_NEW_DEADLINE = "UPDATE call SET deadline = $2 WHERE id = $1 AND deadline <= $3"
_INSERT = """
INSERT INTO closure (id, territory, effector_id, starts_at, ends_at, reason, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


@dataclass(frozen=True)
class Span:
    """A period of an effector's agenda, `ends_at` excluded."""

    effector_id: str
    starts_at: datetime
    ends_at: datetime


async def slots(work: Work, span: Span) -> list[Record]:
    """Slots that touch the period and have not begun: `id, starts_at`."""
    return await work.fetch(_SLOTS, span.effector_id, work.territory, span.starts_at, span.ends_at, work.now)


async def holds(work: Work, slot_ids: Sequence[UUID]) -> list[Record]:
    """Live holds of some slots: `id, call_id, slot_id`."""
    return await work.fetch(_HOLDS, list(slot_ids), work.now)


async def bookings(work: Work, slot_ids: Sequence[UUID]) -> list[Record]:
    """Visits in some slots, extra ones included, with the columns of their calls, in the order of the waitlist."""
    return await work.fetch(_BOOKINGS, list(slot_ids))


async def lent(work: Work, slot_ids: Sequence[UUID]) -> list[UUID]:
    """Those of some slots that a neighbour's patient has, under a grant."""
    return [row["slot_id"] for row in await work.fetch(_LENT, list(slot_ids), work.territory)]


async def lock(work: Work, slot_ids: Sequence[UUID]) -> None:
    """Locks slots by id, before any call: those that close and those that patients go to."""
    await work.execute(_LOCK, list(slot_ids))


async def lock_agenda(work: Work, effector_id: str) -> None:
    """Nobody publishes slots of this effector before the end of the transaction."""
    await work.execute(_LOCK_AGENDA, effector_id)


async def lock_at_once(work: Work, slot_ids: Sequence[UUID]) -> set[UUID]:
    """Locks slots without waiting; answers those that nobody else works on."""
    return {row["id"] for row in await work.fetch(_LOCK_AT_ONCE, list(slot_ids))}


async def withdraw(work: Work, slot_ids: Sequence[UUID], reason: str) -> list[Record]:
    """Takes locked slots off the offer; answers id and version."""
    return await work.fetch(_WITHDRAW, list(slot_ids), work.now, reason)


async def extend_deadline(work: Work, call_id: UUID, delay: timedelta) -> None:
    """A call whose deadline has passed gets a new one: its patient still needs care."""
    await work.execute(_NEW_DEADLINE, call_id, work.now + delay, work.now)


async def insert(work: Work, closure_id: UUID, span: Span, reason: str) -> None:
    """Keeps the closure: no availability makes slots in it."""
    await work.execute(
        _INSERT, closure_id, work.territory, span.effector_id, span.starts_at, span.ends_at, reason, work.now
    )
