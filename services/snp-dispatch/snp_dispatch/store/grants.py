"""Grants between territories, and what they open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from snp_dispatch.store.attested import known
from snp_dispatch.store.audience import audience_now, paused
from snp_dispatch.store.participation import takes_part

_INSERT = """
INSERT INTO territory_grant (id, territory, to_territory, starts_at, ends_at, professions, audience, granted_by,
                             granted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_GET = "SELECT * FROM territory_grant WHERE id = $1"
_LIST = """
SELECT * FROM territory_grant
 WHERE (territory = $1 OR to_territory = $1) AND ($2::timestamptz IS NULL OR (granted_at, id) < ($2, $3::uuid))
 ORDER BY granted_at DESC, id DESC LIMIT $4
"""
_REVOKE = """
UPDATE territory_grant SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL RETURNING *
"""
_LOOK = "SELECT set_config('app.neighbour', $1, true)"
# $1 granting territory, $2 from, $3 to, $4 professions (none: all), $5 audience, $6 now, $7 profession, $8 commune.
# `audience` is what the slot is open to now: of two columns of a name, a row answers the last one.
_SLOTS = f"""
SELECT s.*, {audience_now("$6")} AS audience, {paused("$6", "s.territory")} AS paused,
       s.id AS slot_id, s.territory AS slot_territory, e.kind, e.name, e.name AS effector_name,
       e.kind AS effector_kind, e.gender, e.languages, e.tariff_sector, s.accessibility || e.accessibility AS access,
       true AS participates, s.capacity - claims.live AS free_seats
  FROM slot s JOIN {known("$1")} e ON e.id = s.effector_id AND e.listed
 CROSS JOIN LATERAL (
       SELECT count(*) AS live FROM seat_claim c
        WHERE c.slot_id = s.id AND (c.expires_at IS NULL OR c.expires_at > $6)) claims
 WHERE s.territory = $1 AND s.withdrawn_at IS NULL AND s.starts_at >= $2 AND s.starts_at < $3
   AND (cardinality($4::text[]) = 0 OR s.profession = ANY ($4)) AND {audience_now("$6")} && $5
   AND {takes_part("$1")}
"""
_PAGE = f"""
{_SLOTS} AND s.capacity > claims.live AND NOT {paused("$6", "s.territory")}
   AND ($7::text IS NULL OR s.profession = $7) AND ($8::text IS NULL OR s.commune = $8)
   AND ($9::timestamptz IS NULL OR (s.starts_at, s.id) > ($9, $10::uuid))
 ORDER BY s.starts_at, s.id LIMIT $11
"""
_ONE = f"{_SLOTS} AND s.id = $7"
_BOOKINGS = """
SELECT b.* FROM booking b
 WHERE b.grant_id = $1 AND ($2::text IS NULL OR b.effector_id = $2)
   AND ($3::timestamptz IS NULL OR (b.starts_at, b.id) > ($3, $4::uuid))
 ORDER BY b.starts_at, b.id LIMIT $5
"""
_OPEN_FROM = """
SELECT id FROM territory_grant
 WHERE to_territory = $1 AND territory = ANY ($2) AND revoked_at IS NULL AND starts_at <= $3 AND ends_at > $3
   AND (cardinality(professions) = 0 OR $4 = ANY (professions)) AND audience && $5 ORDER BY id
"""
_LENT = "UPDATE booking SET grant_id = $2, slot_territory = $3 WHERE id = $1"
_SLOT_TERRITORY = "SELECT slot_territory FROM booking WHERE id = $1"
_WITHDRAWN = """
SELECT b.id, b.territory FROM booking b JOIN slot s ON s.id = b.slot_id
 WHERE b.slot_territory IS NOT NULL AND b.state = 'confirmed' AND b.starts_at > $1 AND s.withdrawn_at IS NOT NULL
 ORDER BY b.starts_at, b.id LIMIT $2
"""
_LOCK_CALL = """
SELECT c.* FROM call c WHERE c.id = $1 AND c.state IN ('open', 'waiting') AND c.deadline > $2 FOR NO KEY UPDATE
"""

Position = tuple[datetime, UUID] | None


@dataclass(frozen=True)
class NewGrant:
    """Slots of this territory are opened to another's calls. No professions: all of them."""

    id: UUID
    to_territory: str
    starts_at: datetime
    ends_at: datetime
    professions: Sequence[str]
    audience: Sequence[str]
    granted_by: str


async def insert(work: Work, new: NewGrant) -> None:
    """Records a grant of the territory of `work`."""
    await work.execute(
        _INSERT,
        new.id,
        work.territory,
        new.to_territory,
        new.starts_at,
        new.ends_at,
        list(new.professions),
        list(new.audience),
        new.granted_by,
        work.now,
    )


async def get(work: Work, grant_id: UUID) -> Record | None:
    """A grant that the territory gave or received."""
    return await work.fetchrow(_GET, grant_id)


async def open_from(work: Work, territories: Sequence[str], profession: str, audiences: Sequence[str]) -> list[UUID]:
    """Grants by which some neighbours open slots of a profession to this territory now."""
    asked = (work.territory, list(territories), work.now, profession, list(audiences))
    return [row["id"] for row in await work.fetch(_OPEN_FROM, *asked)]


async def page(work: Work, *, after: Position, limit: int) -> list[Record]:
    """Grants given and received, the latest first."""
    granted_at, grant_id = after or (None, None)
    return await work.fetch(_LIST, work.territory, granted_at, grant_id, limit)


async def revoke(work: Work, grant_id: UUID, by: str) -> Record | None:
    """Ends a grant of this territory now; None when it was ended before."""
    return await work.fetchrow(_REVOKE, grant_id, work.now, by)


async def look_over(work: Work, territory: str) -> None:
    """From here to its end this transaction also sees and claims the slots of one neighbour that granted it.

    Row-level security refuses a territory that never did. Call it only after the grant's times are checked,
    or for a visit that was booked under it.
    """
    await work.execute(_LOOK, territory)


async def slots(
    work: Work,
    grant: Record,
    *,
    since: datetime,
    until: datetime,
    profession: str | None,
    commune: str | None,
    after: Position,
    limit: int,
) -> list[Record]:
    """Slots with a free seat that the grant opens and that start in [since, until)."""
    key = after or (None, None)
    asked = (grant["territory"], since, until, grant["professions"], grant["audience"], work.now)
    return await work.fetch(_PAGE, *asked, profession, commune, *key, limit)


async def slot(work: Work, grant: Record, slot_id: UUID) -> Record | None:
    """A slot with its `free_seats`, while it is among those that the grant opens."""
    asked = (grant["territory"], work.now, grant["ends_at"], grant["professions"], grant["audience"], work.now)
    return await work.fetchrow(_ONE, *asked, slot_id)


async def bookings(work: Work, grant_id: UUID, *, effector_id: str | None, after: Position, limit: int) -> list[Record]:
    """Visits that were booked under a grant, in order of start."""
    key = after or (None, None)
    return await work.fetch(_BOOKINGS, grant_id, effector_id, *key, limit)


async def lent(work: Work, booking_id: UUID, grant: Record) -> None:
    """Notes on a booking whose slot it is, and under which grant."""
    await work.execute(_LENT, booking_id, grant["id"], grant["territory"])


async def slot_territory(work: Work, booking_id: UUID) -> str | None:
    """Whose slot a booking of this territory has, when it is a neighbour's."""
    found: str | None = await work.fetchval(_SLOT_TERRITORY, booking_id)
    return None if found == work.territory else found


async def withdrawn(work: Work, limit: int) -> list[Record]:
    """Visits to come in slots that a neighbour has withdrawn: `id, territory` (system role)."""
    return await work.fetch(_WITHDRAWN, work.now, limit)


async def lock_call(work: Work, call_id: UUID) -> Record | None:
    """Locks a call that may still be given a slot (after its slot)."""
    return await work.fetchrow(_LOCK_CALL, call_id, work.now)
