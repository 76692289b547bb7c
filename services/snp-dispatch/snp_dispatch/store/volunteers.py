"""Volunteers, and the offers made to them. An offer changes under the lock of its call only."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

import orjson

from kit.work import Record, Work
from snp_dispatch.store.audience import paused
from snp_dispatch.store.rows import Row, present

_KEEP = """
INSERT INTO volunteer (territory, effector_id, commune, radius_km, modes, weekdays, starts, ends, visit_minutes,
                       max_per_week, stated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (territory, effector_id) DO UPDATE
   SET commune = excluded.commune, radius_km = excluded.radius_km, modes = excluded.modes,
       weekdays = excluded.weekdays, starts = excluded.starts, ends = excluded.ends,
       visit_minutes = excluded.visit_minutes, max_per_week = excluded.max_per_week, stated_at = excluded.stated_at
"""
_GET = """
SELECT v.*, e.kind, e.name FROM volunteer v JOIN effector e ON e.id = v.effector_id
 WHERE v.territory = $1 AND v.effector_id = $2
"""
_REMOVE = "DELETE FROM volunteer WHERE territory = $1 AND effector_id = $2"
# $1 now, $2 territory, $3 call, $4 profession, $5 begin of the week. Nobody is asked twice for a call.
_WILLING = f"""
SELECT v.*, e.kind AS effector_kind, e.name AS effector_name, e.profession, e.specialties, e.gender, e.languages,
       e.tariff_sector, e.accessibility AS access,
       (SELECT count(*) FROM volunteer_offer o
         WHERE o.territory = $2 AND o.effector_id = v.effector_id AND o.made_at >= $5
           AND (o.state = 'accepted' OR o.state = 'open' AND o.expires_at > $1)) AS taken
  FROM volunteer v JOIN effector e ON e.id = v.effector_id AND e.listed
 WHERE v.territory = $2 AND e.profession = $4 AND NOT {paused("$1", "$2", "v")}
   AND EXISTS (SELECT FROM participation p WHERE p.territory = $2 AND p.rpps = v.effector_id AND p.participates)
   AND NOT EXISTS (SELECT FROM volunteer_offer o WHERE o.call_id = $3 AND o.effector_id = v.effector_id)
"""
_MAKE = """
INSERT INTO volunteer_offer (id, territory, call_id, effector_id, terms, commune, distance_km, modes, visit_minutes,
                             state, version, made_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', 1, $10, $11)
"""
# What is read says the truth before anybody has written it: time has passed, or the call waits no more.
_SHOWN = """
SELECT * FROM (
    SELECT o.id, o.call_id, o.effector_id, e.kind, e.name, o.terms, o.commune, o.distance_km, o.modes,
           o.visit_minutes, o.made_at, o.expires_at, o.ended_at, o.reason, o.booking_id, c.need, c.patient, c.earliest,
           c.deadline, c.priority,
           CASE WHEN o.state <> 'open' THEN o.state
                WHEN c.state <> 'waiting' OR c.deadline <= $1 THEN 'closed'
                WHEN o.expires_at <= $1 THEN 'expired' ELSE 'open' END AS state
      FROM volunteer_offer o JOIN call c ON c.id = o.call_id JOIN effector e ON e.id = o.effector_id
     WHERE o.territory = $2 AND ($3::uuid IS NULL OR o.id = $3)
       AND ($4::text IS NULL OR o.effector_id = $4)) shown
"""
_ONE = f"{_SHOWN} WHERE $5::text IS NULL"
_LIST = f"""
{_SHOWN} WHERE ($5::text IS NULL OR state = $5) AND ($6::timestamptz IS NULL OR (made_at, id) < ($6, $7::uuid))
 ORDER BY made_at DESC, id DESC LIMIT $8
"""
_STATE = "SELECT state, expires_at FROM volunteer_offer WHERE id = $1"
_RETURNED = """
RETURNING id, territory, call_id, effector_id, version
"""
_END = f"""
UPDATE volunteer_offer SET state = $2, ended_at = $3, reason = $4, booking_id = $5, version = version + 1
 WHERE id = $1 {_RETURNED}
"""
_CLOSE_OTHERS = f"""
UPDATE volunteer_offer SET state = 'closed', ended_at = $2, version = version + 1
 WHERE call_id = $1 AND state = 'open' {_RETURNED}
"""
# One that somebody answers at this moment is left to the next round.
_CLOSE_SERVED = f"""
UPDATE volunteer_offer SET state = 'closed', ended_at = $1, version = version + 1
 WHERE id IN (SELECT o.id FROM volunteer_offer o JOIN call c ON c.id = o.call_id
               WHERE o.state = 'open' AND c.state <> 'waiting' LIMIT $2 FOR UPDATE OF o SKIP LOCKED) {_RETURNED}
"""
# The timer of the step after `offer_volunteers`, when that is the last one taken and no offer is open. One that fires
# at this moment is left alone: it holds the timer and waits for the call, which the caller of this has.
_GO_ON = """
UPDATE timer SET due_at = $2, try_at = $2
 WHERE id = (SELECT t.id FROM timer t
              WHERE t.kind = 'escalation' AND t.subject_id = $1 AND t.fired_at IS NULL AND t.due_at > $2
                AND NOT EXISTS (SELECT FROM volunteer_offer o
                     WHERE o.call_id = $1 AND o.state = 'open' AND o.expires_at > $2)
                AND (SELECT s.kind FROM escalation_step s WHERE s.call_id = $1 ORDER BY s.position DESC LIMIT 1)
                    = 'offer_volunteers'
                FOR UPDATE SKIP LOCKED)
"""

Position = tuple[datetime, UUID] | None


@dataclass(frozen=True)
class Stated:
    """When and where a practitioner may be asked. Hours are those of the clock of the commune."""

    effector_id: str
    commune: str
    radius_km: float
    modes: tuple[str, ...]
    weekdays: tuple[int, ...]
    starts: time
    ends: time
    visit_minutes: int
    max_per_week: int


@dataclass(frozen=True)
class NewOffer:
    """A waiting call, offered to one volunteer."""

    id: UUID
    call_id: UUID
    effector_id: str
    terms: dict[str, Any]
    commune: str
    distance_km: float | None
    modes: tuple[str, ...]
    visit_minutes: int
    expires_at: datetime


async def keep(work: Work, it: Stated) -> None:
    """States it, or states it anew."""
    lists = (list(it.modes), list(it.weekdays))
    rest = (it.starts, it.ends, it.visit_minutes, it.max_per_week, work.now)
    await work.execute(_KEEP, work.territory, it.effector_id, it.commune, it.radius_km, *lists, *rest)


async def get(work: Work, effector_id: str) -> Record | None:
    """What a volunteer stated, with kind and name."""
    return await work.fetchrow(_GET, work.territory, effector_id)


async def remove(work: Work, effector_id: str) -> None:
    """They are asked no more."""
    await work.execute(_REMOVE, work.territory, effector_id)


async def willing(work: Work, call_id: UUID, profession: str, week: datetime) -> list[Row]:
    """Volunteers of a profession who were not asked for the call yet; `taken`: offers since `week` began."""
    rows = await work.fetch(_WILLING, work.now, work.territory, call_id, profession, week)
    return [dict(row) for row in rows]


async def make(work: Work, new: NewOffer) -> None:
    """Offers a locked call to a volunteer."""
    await work.execute(
        _MAKE,
        new.id,
        work.territory,
        new.call_id,
        new.effector_id,
        orjson.dumps(new.terms).decode(),
        new.commune,
        new.distance_km,
        list(new.modes),
        new.visit_minutes,
        work.now,
        new.expires_at,
    )


async def offer(work: Work, offer_id: UUID) -> Row | None:
    """An offer as it stands now, with what its call needs."""
    row = await work.fetchrow(_ONE, work.now, work.territory, offer_id, None, None)
    return dict(row) if row else None


async def page(work: Work, *, effector_id: str | None, state: str | None, after: Position, limit: int) -> list[Record]:
    """Offers, the latest first."""
    key = after or (None, None)
    return await work.fetch(_LIST, work.now, work.territory, None, effector_id, state, *key, limit)


async def state(work: Work, offer_id: UUID) -> Record:
    """`state, expires_at` of an offer whose call is locked."""
    return present(await work.fetchrow(_STATE, offer_id))


async def end(
    work: Work, offer_id: UUID, state: str, *, reason: str | None = None, booking_id: UUID | None = None
) -> Record:
    """Ends an open offer whose call is locked."""
    return present(await work.fetchrow(_END, offer_id, state, work.now, reason, booking_id))


async def go_on(work: Work, call_id: UUID) -> None:
    """Takes the next step of a locked call's ladder now, if it waits for volunteers and none may still answer."""
    await work.execute(_GO_ON, call_id, work.now)


async def close_others(work: Work, call_id: UUID) -> list[Record]:
    """Closes what is still open of a locked call that was served."""
    return await work.fetch(_CLOSE_OTHERS, call_id, work.now)


async def close_served(work: Work, limit: int) -> list[Record]:
    """Closes offers of calls that wait no more, of all territories (system role)."""
    return await work.fetch(_CLOSE_SERVED, work.now, limit)
