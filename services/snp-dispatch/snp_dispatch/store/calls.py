"""Calls: what was asked, what was decided, what was proposed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from kit.work import Record, Work
from snp_dispatch.store.rows import Row

_INSERT = """
INSERT INTO call (id, territory, state, version, origin, client, client_organisation, caller, patient, need,
                  constraints, received_at, earliest, deadline, radius_km, modes, audiences, policy_version, outcome,
                  conditions, redirect_to, proposals, relaxations, policy_validated, contact_fields,
                  book, priority, searched_at, regular_doctor, out_of_hours, ladder)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
        $24, $25, $26, $27, $13, $28, $29, $30)
"""
_SHOWN = """
SELECT c.*, to_jsonb(h) AS hold
  FROM call c
  LEFT JOIN (SELECT id, call_id, slot_id, state, expires_at, fence FROM hold WHERE state = 'active') h
         ON h.call_id = c.id AND h.expires_at > $1
"""
_GET = f"{_SHOWN} WHERE c.id = $2"
# Slots first, then the call (see holds.py).
_LOCK = """
WITH locked AS MATERIALIZED (
    SELECT s.id FROM slot s WHERE s.id IN (SELECT slot_id FROM hold WHERE call_id = $1 AND state = 'active') FOR UPDATE
)
SELECT c.id, c.state, c.version, c.deadline, c.client, (SELECT id FROM locked) AS locked_slot
  FROM call c WHERE c.id = $1 AND (SELECT count(*) FROM locked) >= 0 FOR NO KEY UPDATE OF c
"""
# A statement of its own: after the lock of the call its snapshot is younger than the lock.
_HOLDS_NOW = "SELECT EXISTS (SELECT FROM hold WHERE call_id = $1 AND state = 'active' AND expires_at > $2)"
_ACTIVE_HOLD = "SELECT id, slot_id, expires_at FROM hold WHERE call_id = $1 AND state = 'active'"
_SET_STATE = """
UPDATE call SET state = $2, version = version + 1, closed_reason = coalesce($3, closed_reason) WHERE id = $1
RETURNING version
"""
_EXPIRE = """
WITH due AS (
    SELECT c.id FROM call c
     WHERE c.state IN ('open', 'waiting') AND c.deadline <= $1
       AND NOT EXISTS (SELECT FROM hold h WHERE h.call_id = c.id AND h.state = 'active' AND h.expires_at > $1)
     ORDER BY c.deadline LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE call c SET state = 'expired', version = c.version + 1 FROM due WHERE c.id = due.id
RETURNING c.id, c.territory, c.origin, c.deadline, c.version
"""


@dataclass(frozen=True)
class NewCall:
    """A call as it is stored. The last fields are JSON values."""

    id: UUID
    state: str
    version: int
    origin: str
    client: str
    client_organisation: str | None
    earliest: datetime
    deadline: datetime
    radius_km: float
    modes: list[str]
    audiences: list[str]
    policy_version: str
    policy_validated: bool
    outcome: str
    redirect_to: str | None
    contact_fields: list[str]
    caller: dict[str, Any]
    patient: dict[str, Any]
    need: dict[str, Any]
    constraints: dict[str, Any]
    conditions: list[dict[str, Any]]
    proposals: list[dict[str, Any]]
    relaxations: list[dict[str, Any]]
    book: bool = False
    priority: int = 100
    regular_doctor: dict[str, Any] | None = None
    out_of_hours: dict[str, Any] | None = None
    ladder: str | None = None


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


async def insert(work: Work, call: NewCall) -> None:
    """Stores a call received now."""
    await work.execute(
        _INSERT,
        call.id,
        work.territory,
        call.state,
        call.version,
        call.origin,
        call.client,
        call.client_organisation,
        _json(call.caller),
        _json(call.patient),
        _json(call.need),
        _json(call.constraints),
        work.now,
        call.earliest,
        call.deadline,
        call.radius_km,
        call.modes,
        call.audiences,
        call.policy_version,
        call.outcome,
        _json(call.conditions),
        call.redirect_to,
        _json(call.proposals),
        _json(call.relaxations),
        call.policy_validated,
        call.contact_fields,
        call.book,
        call.priority,
        _json(call.regular_doctor) if call.regular_doctor else None,
        _json(call.out_of_hours) if call.out_of_hours else None,
        call.ladder,
    )


async def get(work: Work, call_id: UUID) -> Row | None:
    """A call with its live hold, if any (`hold`)."""
    row = await work.fetchrow(_GET, work.now, call_id)
    return dict(row) if row else None


async def lock(work: Work, call_id: UUID) -> Record | None:
    """Locks a call, and the slot that it holds (`locked_slot`)."""
    return await work.fetchrow(_LOCK, call_id)


async def active_hold(work: Work, call_id: UUID) -> Record | None:
    """The hold of a locked call, live or past its time."""
    return await work.fetchrow(_ACTIVE_HOLD, call_id)


async def holds_now(work: Work, call_id: UUID) -> bool:
    """Whether the call holds a seat: final under the lock of the call."""
    found: bool = await work.fetchval(_HOLDS_NOW, call_id, work.now)
    return found


async def set_state(work: Work, call_id: UUID, state: str, reason: str | None = None) -> int:
    """Moves a locked call; answers its new version."""
    version: int = await work.fetchval(_SET_STATE, call_id, state, reason)
    return version


async def expire(work: Work, limit: int) -> list[Record]:
    """Closes up to `limit` calls whose deadline has passed, of all territories (system role)."""
    return await work.fetch(_EXPIRE, work.now, limit)
