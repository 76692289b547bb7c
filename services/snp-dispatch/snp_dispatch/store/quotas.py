"""Quotas of effectors by calling organisation, and what is used of them.

A quota is locked by whoever takes a seat that it counts, until the end of the transaction: two callers of one
organisation who take two slots of an effector at once cannot both have the last one. It is the last lock that a
transaction waits for: a hold locks its slot, its call, then the quota; a one-shot claim and a batch lock the quotas of
all their candidates, by id, and skip what is locked from there on.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kit.work import Record, Work

_SHOWN = "SELECT q.*, e.kind, e.name FROM quota q JOIN effector e ON e.id = q.effector_id"
_KEEP = """
INSERT INTO quota (id, territory, effector_id, organisation, period, max_slots, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (territory, effector_id, coalesce(organisation, ''), period)
   DO UPDATE SET max_slots = excluded.max_slots
RETURNING id
"""
_GET = f"{_SHOWN} WHERE q.id = $1"
_LIST = f"""
{_SHOWN} WHERE q.territory = $1 AND ($2::text IS NULL OR q.effector_id = $2)
   AND ($3::uuid IS NULL OR q.id > $3) ORDER BY q.id LIMIT $4
"""
_REMOVE = "DELETE FROM quota WHERE id = $1"
_OF = """
SELECT id, effector_id, organisation, period, max_slots FROM quota
 WHERE territory = $1 AND effector_id = ANY ($2) ORDER BY id
"""
_LOCK = f"{_OF} FOR NO KEY UPDATE"
# Extra patients have no claim, and are patients all the same.
_USED = """
SELECT (
    SELECT count(*) FROM slot s
      JOIN seat_claim c ON c.slot_id = s.id AND (c.expires_at IS NULL OR c.expires_at > $1)
      LEFT JOIN hold h ON h.id = c.hold_id
      LEFT JOIN booking b ON b.id = c.booking_id
      JOIN call k ON k.id = coalesce(h.call_id, b.call_id)
     WHERE s.territory = $2 AND s.effector_id = $3 AND s.starts_at >= $4 AND s.starts_at < $5
       AND k.client_organisation IS NOT DISTINCT FROM $6
) + (
    SELECT count(*) FROM booking b JOIN call k ON k.id = b.call_id
     WHERE b.territory = $2 AND b.effector_id = $3 AND b.starts_at >= $4 AND b.starts_at < $5
       AND b.overbooked AND b.state <> 'cancelled' AND k.client_organisation IS NOT DISTINCT FROM $6
)
"""


async def keep(work: Work, effector_id: str, organisation: str | None, period: str, max_slots: int) -> UUID:
    """Sets a quota, or changes the one of the same effector, organisation and period."""
    values = (work.new_id(), work.territory, effector_id, organisation, period, max_slots, work.now)
    kept: UUID = await work.fetchval(_KEEP, *values)
    return kept


async def get(work: Work, quota_id: UUID) -> Record | None:
    """A quota with the kind and name of its effector."""
    return await work.fetchrow(_GET, quota_id)


async def page(work: Work, *, effector_id: str | None, after: UUID | None, limit: int) -> list[Record]:
    """Quotas in the order in which they were first set."""
    return await work.fetch(_LIST, work.territory, effector_id, after, limit)


async def remove(work: Work, quota_id: UUID) -> None:
    await work.execute(_REMOVE, quota_id)


async def of(work: Work, effectors: Sequence[str]) -> list[Record]:
    """The quotas of these effectors on the territory."""
    return await work.fetch(_OF, work.territory, list(effectors))


async def lock(work: Work, effectors: Sequence[str]) -> list[Record]:
    """Locks the quotas of these effectors on the territory, by id."""
    return await work.fetch(_LOCK, work.territory, list(effectors))


async def used(work: Work, effector_id: str, organisation: str | None, since: datetime, until: datetime) -> int:
    """Seats, extra ones included, that the organisation's calls hold or have booked of the effector's slots in a time.

    `since` is the first start, `until` excluded.
    """
    count: int = await work.fetchval(_USED, work.now, work.territory, effector_id, since, until, organisation)
    return count
