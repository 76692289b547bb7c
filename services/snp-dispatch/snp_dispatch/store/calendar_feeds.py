"""Private addresses of agendas. Only the digest of the secret is stored."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from snp_dispatch.store.overbookings import extra_visits

_SHOWN = """
SELECT f.id, f.effector_id, f.created_at, f.revoked_at, e.kind, e.name
  FROM calendar_feed f JOIN effector e ON e.id = f.effector_id
"""
_INSERT = "INSERT INTO calendar_feed (id, territory, effector_id, digest, created_at) VALUES ($1, $2, $3, $4, $5)"
_GET = f"{_SHOWN} WHERE f.id = $1"
_LIST = f"""
{_SHOWN} WHERE f.territory = $1 AND f.effector_id = $2 AND ($3::uuid IS NULL OR f.id > $3) ORDER BY f.id LIMIT $4
"""
_REVOKE = "UPDATE calendar_feed SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL"
_OWNER = "SELECT effector_id FROM calendar_feed WHERE digest = $1 AND revoked_at IS NULL"
_AGENDA = f"""
SELECT s.id AS slot_id, s.starts_at, s.ends_at, s.commune, s.capacity, s.version,
       (SELECT count(*) FROM seat_claim c WHERE c.slot_id = s.id AND c.booking_id IS NOT NULL)
       + {extra_visits("s.id")} AS booked
  FROM slot s
 WHERE s.effector_id = $1 AND s.starts_at >= $2 AND s.starts_at < $3 AND s.withdrawn_at IS NULL
 ORDER BY s.starts_at, s.id LIMIT $4
"""


async def insert(work: Work, feed_id: UUID, effector_id: str, digest: bytes) -> None:
    """Keeps a new address."""
    await work.execute(_INSERT, feed_id, work.territory, effector_id, digest, work.now)


async def get(work: Work, feed_id: UUID) -> Record | None:
    """An address without its secret, with the kind and name of the effector."""
    return await work.fetchrow(_GET, feed_id)


async def page(work: Work, effector_id: str, *, after: UUID | None, limit: int) -> list[Record]:
    """The addresses of an effector, the revoked ones too."""
    return await work.fetch(_LIST, work.territory, effector_id, after, limit)


async def revoke(work: Work, feed_id: UUID) -> None:
    """The address answers no more."""
    await work.execute(_REVOKE, feed_id, work.now)


async def owner(work: Work, digest: bytes) -> str | None:
    """Whose agenda an address that is in force shows."""
    found: str | None = await work.fetchval(_OWNER, digest)
    return found


async def agenda(work: Work, effector_id: str, since: datetime, until: datetime, limit: int) -> Sequence[Record]:
    """Slots of the effector on the territory, with their visits, extra ones included."""
    return await work.fetch(_AGENDA, effector_id, since, until, limit)
