"""Slots: publishing, reading and withdrawing."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from snp_dispatch.domain.offer import Opening, Terms
from snp_dispatch.store.attested import known
from snp_dispatch.store.audience import audience_now, paused
from snp_dispatch.store.overbookings import extra_visits
from snp_dispatch.store.participation import takes_part

# Slots of one effector are published one transaction at a time: the lock on the effector keeps two
# overlapping inserts from waiting on each other in the exclusion constraint, which would be a deadlock.
_PUBLISH = f"""
WITH server AS (
    SELECT id, kind, listed, profession, specialties FROM effector WHERE id = $3 FOR NO KEY UPDATE
),
checked AS (
    SELECT server.*, {takes_part("$2", "server")} AS participates
      FROM server
),
published AS (
    INSERT INTO slot (id, territory, effector_id, profession, specialties, starts_at, ends_at, commune, mode,
                      audience, capacity, created_at, acts, min_age, max_age, own_patients_only, accessibility,
                      embargo_until, release_at, release_audience, opens_at, version)
    SELECT $1, $2, id, coalesce(profession, $4), CASE WHEN kind = 'person' THEN specialties ELSE $5 END,
           $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
           CASE WHEN $18::timestamptz > $12::timestamptz THEN $18 WHEN $19::timestamptz > $12 THEN $19 END, 1
      FROM checked WHERE listed AND participates
    ON CONFLICT DO NOTHING
    RETURNING id, profession, specialties
)
SELECT checked.kind, checked.listed, checked.participates, published.id AS slot_id, published.profession,
       published.specialties
  FROM checked LEFT JOIN published ON true
"""

_SHOWN = f"""
SELECT s.id, s.effector_id, e.kind, e.name, s.profession, s.specialties, s.starts_at, s.ends_at, s.commune, s.mode,
       s.audience, s.capacity, s.availability_id, s.withdrawn_at, s.withdrawn_reason, s.acts, s.min_age, s.max_age,
       s.own_patients_only, s.accessibility, s.embargo_until, s.release_at, s.release_audience,
       {audience_now("$1")} AS audience_now, {paused("$1", "s.territory")} AS paused,
       s.capacity - taken.booked - taken.held AS free_seats, coalesce(taken.own, false) AS held_by_call,
       {extra_visits("s.id")} AS overbooked,
       CASE WHEN s.withdrawn_at IS NOT NULL THEN 'withdrawn'
            WHEN taken.booked >= s.capacity THEN 'booked'
            WHEN taken.booked + taken.held >= s.capacity THEN 'held'
            ELSE 'free' END AS state
  FROM slot s
  JOIN effector e ON e.id = s.effector_id
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE c.booking_id IS NOT NULL) AS booked,
              count(*) FILTER (WHERE c.expires_at > $1 AND c.hold_id IS DISTINCT FROM (SELECT id FROM own)) AS held,
              bool_or(c.expires_at > $1 AND c.hold_id = (SELECT id FROM own)) AS own
         FROM seat_claim c WHERE c.slot_id = s.id) taken
"""
# `own` is the hold of the call that looks: a seat that it holds itself is free to it.
_GET = f"WITH own AS (SELECT NULL::uuid AS id) {_SHOWN} WHERE s.id = $2"
_LIST = f"""
WITH own AS (SELECT id FROM hold WHERE call_id = $11 AND state = 'active')
SELECT * FROM ({_SHOWN}
    WHERE s.territory = $2 AND ($3::timestamptz IS NULL OR s.starts_at >= $3)
      AND ($4::timestamptz IS NULL OR s.starts_at < $4) AND ($5::text IS NULL OR s.effector_id = $5)
      AND ($6::text IS NULL OR s.commune = $6)
      AND ($7::timestamptz IS NULL OR (s.starts_at, s.id) > ($7, $8::uuid))) shown
 WHERE ($9::text IS NULL OR state = $9)
 ORDER BY starts_at, id LIMIT $10
"""
# One that somebody works on is left to the next round.
_OPEN = f"""
WITH due AS MATERIALIZED (
    SELECT id FROM slot WHERE opens_at <= $1 AND withdrawn_at IS NULL ORDER BY opens_at LIMIT $2
       FOR UPDATE SKIP LOCKED
)
UPDATE slot s SET version = s.version + 1, opens_at = CASE WHEN s.release_at > $1 THEN s.release_at END
 WHERE s.id = ANY (ARRAY(SELECT id FROM due))
RETURNING s.id, s.territory, s.version, {audience_now("$1")} AS audience, s.starts_at, s.ends_at
"""
# $1 slot, $2 now. `audience` is what the slot is open to now: of two columns of a name, a row answers the last one.
_FOR_MATCHING = f"""
SELECT s.*, {audience_now("$2")} AS audience, {paused("$2", "s.territory")} AS paused,
       s.id AS slot_id, e.name AS effector_name, e.kind AS effector_kind, e.gender, e.languages, e.tariff_sector,
       s.accessibility || e.accessibility AS access,
       e.listed AND {takes_part("s.territory")} AS participates,
       (SELECT count(*) FROM seat_claim c
         WHERE c.slot_id = s.id AND (c.expires_at IS NULL OR c.expires_at > $2)) < s.capacity AS seat_free
  FROM slot s CROSS JOIN LATERAL {known("s.territory", "s.effector_id")} e WHERE s.id = $1
"""
_LOCK = "SELECT id, effector_id, withdrawn_at, version FROM slot WHERE id = $1 FOR UPDATE"
_CLAIMS = f"""
SELECT count(*) FILTER (WHERE booking_id IS NOT NULL) + {extra_visits("$1")} AS booked,
       count(*) FILTER (WHERE expires_at > $2) AS held
  FROM seat_claim WHERE slot_id = $1
"""
_WITHDRAW = "UPDATE slot SET withdrawn_at = $2, withdrawn_reason = $3, version = version + 1 WHERE id = $1"


@dataclass(frozen=True)
class NewSlot:
    """A slot to publish. Profession and specialties of a person come from the directory."""

    id: UUID
    effector_id: str
    profession: str | None
    specialty: str | None
    starts_at: datetime
    ends_at: datetime
    commune: str
    mode: str
    capacity: int
    opening: Opening
    terms: Terms


async def publish(work: Work, slot: NewSlot) -> Record | None:
    """Inserts the slot if its effector may serve it and is free.

    None when the effector is unknown; else `listed`, `participates`, and `slot_id` which is null when
    nothing was inserted (not listed, not taking part, or an overlap with another slot of the effector).
    """
    return await work.fetchrow(
        _PUBLISH,
        slot.id,
        work.territory,
        slot.effector_id,
        slot.profession,
        [slot.specialty] if slot.specialty else [],
        slot.starts_at,
        slot.ends_at,
        slot.commune,
        slot.mode,
        list(slot.opening.audience),
        slot.capacity,
        work.now,
        list(slot.terms.acts),
        slot.terms.min_age,
        slot.terms.max_age,
        slot.terms.own_patients_only,
        list(slot.terms.accessibility),
        slot.opening.embargo_until,
        slot.opening.release_at,
        list(slot.opening.release_audience),
    )


async def get(work: Work, slot_id: UUID) -> Record | None:
    """A slot as it stands now: a hold past its time holds nothing."""
    return await work.fetchrow(_GET, work.now, slot_id)


async def for_matching(work: Work, slot_id: UUID) -> Record | None:
    """A slot with what the matching rule asks of it, and whether it has a free seat (`seat_free`)."""
    return await work.fetchrow(_FOR_MATCHING, slot_id, work.now)


async def page(
    work: Work,
    *,
    since: datetime | None,
    until: datetime | None,
    effector_id: str | None,
    commune: str | None,
    state: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
    seen_by: UUID | None = None,
) -> list[Record]:
    """Slots that start in [since, until), in order of start; as the call `seen_by` sees them."""
    start, slot_id = after or (None, None)
    return await work.fetch(
        _LIST, work.now, work.territory, since, until, effector_id, commune, start, slot_id, state, limit, seen_by
    )


async def open_due(work: Work, limit: int) -> list[Record]:
    """Slots whose audience has grown since it was last told, each once, of all territories (system role)."""
    return await work.fetch(_OPEN, work.now, limit)


async def lock(work: Work, slot_id: UUID) -> Record | None:
    """Locks the slot; whoever holds this lock may touch its seats."""
    return await work.fetchrow(_LOCK, slot_id)


async def claims(work: Work, slot_id: UUID) -> tuple[int, int]:
    """Visits, extra ones included, and seats that are held now."""
    row = await work.fetchrow(_CLAIMS, slot_id, work.now)
    return (row["booked"], row["held"]) if row else (0, 0)


async def withdraw(work: Work, slot_id: UUID, reason: str) -> None:
    """Takes a locked slot off the offer."""
    await work.execute(_WITHDRAW, slot_id, work.now, reason)
