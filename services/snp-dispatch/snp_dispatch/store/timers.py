"""Durable timers: what is due at an instant stands in a row, and is done in the transaction that marks it done."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from kit.work import Record, Work

_SET = """
INSERT INTO timer (id, territory, kind, subject_id, due_at, try_at, attempts, payload)
VALUES ($1, $2, $3, $4, $5, $5, 0, $6)
ON CONFLICT DO NOTHING
"""
_DUE = "SELECT id, territory FROM timer WHERE fired_at IS NULL AND try_at <= $1 ORDER BY try_at, id LIMIT $2"
_CLAIM = """
SELECT id, kind, subject_id, due_at, payload FROM timer
 WHERE id = $1 AND fired_at IS NULL AND try_at <= $2 FOR UPDATE SKIP LOCKED
"""
_FIRED = "UPDATE timer SET fired_at = $2 WHERE id = $1"
_FAILED = """
UPDATE timer SET attempts = attempts + 1, try_at = $2::timestamptz + least(600, 5 * 2 ^ attempts) * interval '1 s'
 WHERE id = $1 AND fired_at IS NULL
"""
_PURGE = "DELETE FROM timer WHERE fired_at < $1"
_PENDING = "SELECT due_at, payload FROM timer WHERE kind = $1 AND subject_id = $2 AND fired_at IS NULL"


async def set_timer(
    work: Work, kind: str, subject_id: UUID, due_at: datetime, *, payload: dict[str, Any], territory: str | None = None
) -> None:
    """Fires at `due_at`. One timer of a kind is pending for a subject: a second one is left out."""
    text = orjson.dumps(payload).decode()
    await work.execute(_SET, work.new_id(), territory or work.territory, kind, subject_id, due_at, text)


async def due(work: Work, limit: int) -> list[Record]:
    """`id, territory` of timers to fire now, the earliest first, of all territories (system role)."""
    return await work.fetch(_DUE, work.now, limit)


async def claim(work: Work, timer_id: UUID) -> Record | None:
    """Locks a timer that is still to fire; None when another worker has it."""
    return await work.fetchrow(_CLAIM, timer_id, work.now)


async def fired(work: Work, timer_id: UUID) -> None:
    """Marks a claimed timer, in the transaction of what it did."""
    await work.execute(_FIRED, timer_id, work.now)


async def failed(work: Work, timer_id: UUID) -> None:
    """Puts off a timer whose work failed: 5 s, then twice as long each time, ten minutes at most."""
    await work.execute(_FAILED, timer_id, work.now)


async def pending(work: Work, kind: str, subject_id: UUID) -> Record | None:
    """`due_at, payload` of the timer that is pending for a subject."""
    return await work.fetchrow(_PENDING, kind, subject_id)


async def purge(work: Work, fired_before: datetime) -> int:
    """Deletes timers that fired before then, of all territories (system role); what they did stands elsewhere."""
    return int((await work.execute(_PURGE, fired_before)).split()[-1])
