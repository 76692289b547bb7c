"""Recurring availabilities, and the slots made from them in bulk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from kit.work import Record, Work
from snp_dispatch.domain.offer import Terms
from snp_dispatch.domain.recurrence import Period
from snp_dispatch.store.overbookings import extra_visits
from snp_dispatch.store.participation import takes_part

_INSERT = """
INSERT INTO availability (id, territory, effector_id, commune, mode, audience, weekdays, starts, ends, slot_minutes,
                          every_minutes, valid_from, valid_until, created_at, capacity, acts, min_age, max_age,
                          own_patients_only, accessibility, embargo_minutes, release_minutes, release_audience,
                          rrule, except_dates, extra_dates, skip_holidays)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
        $25, $26, $27)
"""
_SHOWN = "SELECT a.*, e.kind, e.name FROM availability a JOIN effector e ON e.id = a.effector_id"
_GET = f"{_SHOWN} WHERE a.id = $1"
_LIST = f"""
{_SHOWN} WHERE a.territory = $1 AND ($2::text IS NULL OR a.effector_id = $2)
   AND ($3::uuid IS NULL OR a.id > $3) ORDER BY a.id LIMIT $4
"""
_LOCK = f"{_SHOWN} WHERE a.id = $1 FOR NO KEY UPDATE OF a"
_END = "UPDATE availability SET ended_at = $2 WHERE id = $1"
# Locks the effectors too: their slots are published one transaction at a time (see slots.py). One that somebody
# works on is left to the next round.
_DUE = f"""
WITH due AS MATERIALIZED (
    SELECT a.* FROM availability a JOIN effector e ON e.id = a.effector_id AND e.listed
      JOIN unnest($1::text[], $2::date[]) AS h (territory, last) ON h.territory = a.territory
     WHERE a.ended_at IS NULL
       AND (a.materialised_until IS NULL OR a.materialised_until < least(h.last, a.valid_until))
       AND {takes_part("a.territory")}
     ORDER BY a.id LIMIT $3 FOR NO KEY UPDATE OF a SKIP LOCKED
),
servers AS MATERIALIZED (
    SELECT e.* FROM effector e WHERE e.id IN (SELECT effector_id FROM due) ORDER BY e.id
       FOR NO KEY UPDATE SKIP LOCKED
)
SELECT due.*, servers.kind, servers.profession, servers.specialties
  FROM due JOIN servers ON servers.id = due.effector_id ORDER BY due.id
"""
# A slot in the way (published by hand, or elsewhere) wins: that occurrence is left out.
_MADE_OF = f"""
SELECT a.*, e.kind, e.profession, e.specialties FROM availability a JOIN effector e ON e.id = a.effector_id
 WHERE a.territory = $1 AND a.effector_id = $2 AND a.ended_at IS NULL AND a.materialised_until IS NOT NULL
   AND e.listed AND {takes_part("a.territory")}
 ORDER BY a.id
"""
_MATERIALISE = """
INSERT INTO slot (id, territory, effector_id, profession, specialties, starts_at, ends_at, commune, mode, audience,
                  capacity, availability_id, created_at, acts, min_age, max_age, own_patients_only, accessibility,
                  embargo_until, release_at, release_audience, opens_at, version)
SELECT wanted.id, a.territory, a.effector_id, e.profession, e.specialties, wanted.starts_at, wanted.ends_at, a.commune,
       a.mode, a.audience, a.capacity, a.id, $5, a.acts, a.min_age, a.max_age, a.own_patients_only, a.accessibility,
       opening.embargo_until, opening.release_at, a.release_audience,
       CASE WHEN opening.embargo_until > $5 THEN opening.embargo_until
            WHEN opening.release_at > $5 THEN opening.release_at END, 1
  FROM availability a JOIN effector e ON e.id = a.effector_id
 CROSS JOIN unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[]) AS wanted (id, starts_at, ends_at)
 CROSS JOIN LATERAL (
       SELECT wanted.starts_at - make_interval(mins => a.embargo_minutes) AS embargo_until,
              wanted.starts_at - make_interval(mins => a.release_minutes) AS release_at) opening
 WHERE a.id = $1 AND NOT EXISTS (
       SELECT FROM closure c WHERE c.effector_id = a.effector_id AND c.territory = a.territory
          AND c.starts_at < wanted.ends_at AND c.ends_at > wanted.starts_at)
   AND NOT EXISTS (
       SELECT FROM busy_period b
        WHERE b.territory = a.territory AND b.effector_id = a.effector_id
          AND b.starts_at < wanted.ends_at AND b.ends_at > wanted.starts_at)
ON CONFLICT DO NOTHING
RETURNING id, starts_at, ends_at, embargo_until, release_at
"""
# A search that is planned before these tables were ever looked at reads ten times too much. Autovacuum would come
# to it in a minute, or never when a crash took its counters. (Before PostgreSQL 17 this warns and does nothing.)
_STATISTICS = "ANALYZE slot, effector, participation, attested"
_MATERIALISED = "UPDATE availability SET materialised_until = $2 WHERE id = $1"
# Two statements: the second one sees the claims of those that the first one waited for.
_LOCK_FUTURE = """
SELECT s.id FROM slot s WHERE s.availability_id = $1 AND s.starts_at > $2 AND s.withdrawn_at IS NULL
 ORDER BY s.id FOR UPDATE
"""
_WITHDRAW_FREE = f"""
UPDATE slot s SET withdrawn_at = $2, withdrawn_reason = $3, version = s.version + 1
 WHERE s.id = ANY ($1) AND NOT EXISTS (
       SELECT FROM seat_claim c WHERE c.slot_id = s.id AND (c.expires_at IS NULL OR c.expires_at > $2))
   AND {extra_visits("s.id")} = 0
RETURNING s.id, s.version
"""


@dataclass(frozen=True)
class NewAvailability:
    """Recurring hours to keep: by weekdays, or by a rule."""

    id: UUID
    effector_id: str
    commune: str
    mode: str
    audience: Sequence[str]
    capacity: int
    terms: Terms
    embargo_minutes: int | None
    release_minutes: int | None
    release_audience: Sequence[str]
    weekdays: Sequence[int]
    rrule: str | None
    except_dates: Sequence[date]
    extra_dates: Sequence[date]
    skip_holidays: bool
    starts: time
    ends: time
    slot_minutes: int
    every_minutes: int
    valid_from: date
    valid_until: date | None


async def insert(work: Work, new: NewAvailability) -> None:
    """Keeps the hours; the worker makes the slots."""
    await work.execute(
        _INSERT,
        new.id,
        work.territory,
        new.effector_id,
        new.commune,
        new.mode,
        list(new.audience),
        list(new.weekdays),
        new.starts,
        new.ends,
        new.slot_minutes,
        new.every_minutes,
        new.valid_from,
        new.valid_until,
        work.now,
        new.capacity,
        list(new.terms.acts),
        new.terms.min_age,
        new.terms.max_age,
        new.terms.own_patients_only,
        list(new.terms.accessibility),
        new.embargo_minutes,
        new.release_minutes,
        list(new.release_audience),
        new.rrule,
        list(new.except_dates),
        list(new.extra_dates),
        new.skip_holidays,
    )


async def get(work: Work, availability_id: UUID) -> Record | None:
    """An availability with the kind and name of its effector."""
    return await work.fetchrow(_GET, availability_id)


async def page(work: Work, *, effector_id: str | None, after: UUID | None, limit: int) -> list[Record]:
    """Availabilities in the order in which they were made."""
    return await work.fetch(_LIST, work.territory, effector_id, after, limit)


async def lock(work: Work, availability_id: UUID) -> Record | None:
    return await work.fetchrow(_LOCK, availability_id)


async def end(work: Work, availability_id: UUID) -> None:
    """No more slots are made of it."""
    await work.execute(_END, availability_id, work.now)


async def withdraw_free_slots(work: Work, availability_id: UUID, reason: str) -> list[Record]:
    """Takes its future slots off the offer, except those that are held or booked; answers id and version."""
    ids = [row["id"] for row in await work.fetch(_LOCK_FUTURE, availability_id, work.now)]
    return await work.fetch(_WITHDRAW_FREE, ids, work.now, reason)


async def due(work: Work, horizons: Mapping[str, date], limit: int) -> list[Record]:
    """Locks up to `limit` availabilities that lack slots before the last day of their territory (system)."""
    return await work.fetch(_DUE, list(horizons), list(horizons.values()), limit)


async def materialise(work: Work, availability_id: UUID, periods: Sequence[Period]) -> list[Record]:
    """Makes a slot of each period in which the effector is free; answers `id, starts_at, ends_at` of the new ones."""
    return await work.fetch(
        _MATERIALISE,
        availability_id,
        [work.new_id() for _ in periods],
        [it.starts_at for it in periods],
        [it.ends_at for it in periods],
        work.now,
    )


async def made_of(work: Work, effector_id: str) -> list[Record]:
    """The availabilities in force of an effector whose agenda is locked, of which slots have been made."""
    return await work.fetch(_MADE_OF, work.territory, effector_id)


async def materialised(work: Work, availability_id: UUID, until: date) -> None:
    """Slots are made up to this day."""
    await work.execute(_MATERIALISED, availability_id, until)


async def refresh_statistics(work: Work) -> None:
    """Tells the planner of the slots that were just made (system role)."""
    await work.execute(_STATISTICS)
