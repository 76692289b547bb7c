"""What a batch looks at, the calls it takes, and the record of what it did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from kit.work import Record, Work
from snp_dispatch.domain.assignment import Offer
from snp_dispatch.store.attested import known
from snp_dispatch.store.audience import paused
from snp_dispatch.store.participation import takes_part
from snp_dispatch.store.rows import Row
from snp_dispatch.store.search import candidate, columns

# A call that holds a seat is in somebody's hands.
_WAITING = """
SELECT c.id, c.need, c.patient, c.constraints, c.modes, c.audiences, c.earliest, c.deadline,
       c.radius_km, c.priority, c.origin, c.received_at, c.client_organisation
  FROM call c
 WHERE c.territory = $1 AND c.state = 'waiting' AND c.deadline > $2
   AND NOT EXISTS (SELECT FROM hold h WHERE h.call_id = c.id AND h.state = 'active' AND h.expires_at > $2)
 ORDER BY c.priority, c.deadline, c.id LIMIT $3
"""
_FREE = f"""
SELECT {columns("$3")}, s.capacity - claims.live AS seats
  FROM slot s JOIN {known("$1")} e ON e.id = s.effector_id AND e.listed
 CROSS JOIN LATERAL (
       SELECT count(*) AS live FROM seat_claim c
        WHERE c.slot_id = s.id AND (c.expires_at IS NULL OR c.expires_at > $3)) claims
 WHERE s.territory = $1 AND s.profession = ANY ($2) AND s.withdrawn_at IS NULL AND NOT {paused("$3", "$1")}
   AND s.starts_at >= $3 AND s.starts_at <= $4 AND s.capacity > claims.live
   AND {takes_part("$1")}
 ORDER BY s.starts_at, s.id LIMIT $5
"""
# Never waits: a call that somebody works on is left to them. So a batch holds many locks and cannot deadlock.
_TAKE = """
SELECT c.id FROM call c
 WHERE c.id = ANY ($1) AND c.state = 'waiting' AND c.deadline > $2
   AND NOT EXISTS (SELECT FROM hold h WHERE h.call_id = c.id AND h.state = 'active' AND h.expires_at > $2)
   FOR NO KEY UPDATE SKIP LOCKED
"""
_INSERT = """
INSERT INTO assignment (id, territory, made_at, made_by, policy_version, calls, slots, booked, outcome)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_GET = "SELECT * FROM assignment WHERE id = $1"
_LIST = """
SELECT id, made_at, made_by, policy_version, calls, slots, booked FROM assignment
 WHERE territory = $1 AND ($2::timestamptz IS NULL OR (made_at, id) < ($2, $3::uuid))
 ORDER BY made_at DESC, id DESC LIMIT $4
"""


@dataclass(frozen=True)
class NewAssignment:
    """A batch that was carried out. `outcome` is its answer, as JSON values."""

    id: UUID
    made_by: str
    policy_version: str
    calls: int
    slots: int
    booked: int
    outcome: dict[str, Any]


async def waiting(work: Work, limit: int) -> list[Row]:
    """Calls that wait and that nobody works on, the most urgent first."""
    return [dict(row) for row in await work.fetch(_WAITING, work.territory, work.now, limit)]


async def free(work: Work, *, professions: Sequence[str], until: datetime, limit: int) -> list[Offer]:
    """Slots with a free seat that start from now to `until`, the earliest first."""
    rows = await work.fetch(_FREE, work.territory, list(professions), work.now, until, limit)
    return [Offer(candidate(row, None), row["seats"]) for row in rows]


async def take(work: Work, call_ids: Sequence[UUID]) -> set[UUID]:
    """Locks those of the calls that still wait and that nobody works on."""
    return {row["id"] for row in await work.fetch(_TAKE, list(call_ids), work.now)}


async def insert(work: Work, new: NewAssignment) -> None:
    """Keeps what a batch did."""
    await work.execute(
        _INSERT,
        new.id,
        work.territory,
        work.now,
        new.made_by,
        new.policy_version,
        new.calls,
        new.slots,
        new.booked,
        orjson.dumps(new.outcome).decode(),
    )


async def get(work: Work, assignment_id: UUID) -> Record | None:
    return await work.fetchrow(_GET, assignment_id)


async def page(work: Work, *, after: tuple[datetime, UUID] | None, limit: int) -> list[Record]:
    """Batches, the latest first, without their pairs."""
    made_at, assignment_id = after or (None, None)
    return await work.fetch(_LIST, work.territory, made_at, assignment_id, limit)
