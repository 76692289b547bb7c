"""Pauses of an effector's whole offer on a territory. Who is paused is read by `store/audience.py`."""

from datetime import datetime
from uuid import UUID

from kit.work import Record, Work

_COLUMNS = "id, territory, effector_id, starts_at, until, reason, ended_at, version"
_SHOWN = "SELECT p.*, e.kind, e.name FROM pause p JOIN effector e ON e.id = p.effector_id"
_IN_FORCE = "p.ended_at IS NULL AND (p.until IS NULL OR p.until > $1)"
_LAPSE = f"""
UPDATE pause SET ended_at = until, version = version + 1
 WHERE territory = $1 AND effector_id = $2 AND ended_at IS NULL AND until <= $3 RETURNING {_COLUMNS}
"""
_START = f"""
INSERT INTO pause (id, territory, effector_id, starts_at, until, reason, version) VALUES ($1, $2, $3, $4, $5, $6, 1)
ON CONFLICT (territory, effector_id) WHERE ended_at IS NULL
   DO UPDATE SET until = excluded.until, reason = excluded.reason, version = pause.version + 1
RETURNING {_COLUMNS}
"""
_END = f"""
UPDATE pause p SET ended_at = $1, version = version + 1
 WHERE p.territory = $2 AND p.effector_id = $3 AND {_IN_FORCE} RETURNING {_COLUMNS}
"""
_LIST = f"""
{_SHOWN} WHERE {_IN_FORCE} AND p.territory = $2 AND ($3::text IS NULL OR p.effector_id = $3)
   AND ($4::uuid IS NULL OR p.id > $4) ORDER BY p.id LIMIT $5
"""
_GET = f"{_SHOWN} WHERE p.id = $1"
_EXPIRE = f"""
WITH due AS MATERIALIZED (
    SELECT id FROM pause WHERE ended_at IS NULL AND until <= $1 ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE pause SET ended_at = until, version = version + 1 WHERE id IN (SELECT id FROM due) RETURNING {_COLUMNS}
"""


async def start(work: Work, effector_id: str, until: datetime | None, reason: str) -> Record | None:
    """Begins a pause, or changes the end and the reason of the one in force."""
    return await work.fetchrow(_START, work.new_id(), work.territory, effector_id, work.now, until, reason)


async def lapse(work: Work, effector_id: str) -> list[Record]:
    """Ends a pause of the effector whose time has passed, if nobody has yet."""
    return await work.fetch(_LAPSE, work.territory, effector_id, work.now)


async def end(work: Work, effector_id: str) -> Record | None:
    """Ends the pause in force; None when there is none."""
    return await work.fetchrow(_END, work.now, work.territory, effector_id)


async def get(work: Work, pause_id: UUID) -> Record | None:
    """A pause with the kind and name of its effector."""
    return await work.fetchrow(_GET, pause_id)


async def page(work: Work, *, effector_id: str | None, after: UUID | None, limit: int) -> list[Record]:
    """Pauses in force, in the order in which they began."""
    return await work.fetch(_LIST, work.now, work.territory, effector_id, after, limit)


async def expire(work: Work, limit: int) -> list[Record]:
    """Ends pauses whose time has passed, of all territories (system role)."""
    return await work.fetch(_EXPIRE, work.now, limit)
