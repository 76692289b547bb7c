"""Holds: one statement locks, retires what has expired, claims a seat and places the hold.

Order of locks everywhere: slots (by id), then the call, then its hold or booking. The rows of
`seat_claim` are touched only under the lock of their slot; their primary key is the last guard.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from snp_dispatch.domain.matching import MAX_ALTERNATIVES
from snp_dispatch.store.attested import known
from snp_dispatch.store.audience import audience_now, paused
from snp_dispatch.store.participation import takes_part
from snp_dispatch.store.rows import Row, present

# `free_seat` reads what is committed, without a lock: the losers of a race leave at once. Those that
# saw a free seat queue on the row lock; their snapshot is older than the winner's claim, so the insert
# into seat_claim decides (ON CONFLICT sees what the snapshot does not). For the same reason `marked` does
# not look at the old value of `taken`. A CTE is read as far as it is asked: counting `locked` locks all of
# its slots before the call, where EXISTS would stop at the first and leave the other for later.
# The call's own hold, `before`, never stands in its way: it is the one that is replaced.
# Keys come as arrays and scalar subqueries, so that every plan goes by index whatever the statistics say.
# $1 call, $2 slot, $3 hold, $4 now, $5 expires at, $6 token digest, $7 territory, $8 when
# to warn.
PLACE = f"""
WITH asked AS (
    SELECT c.id, c.state, c.client, c.client_organisation, c.need, c.patient, c.modes, c.audiences, c.earliest,
           c.deadline, c.radius_km, c.proposals, c.constraints
      FROM call c WHERE c.id = $1
),
target AS (
    SELECT s.*, e.name AS effector_name, e.kind AS effector_kind, {audience_now("$4")} AS open_to,
           {paused("$4", "s.territory")} AS paused,
           e.languages, e.gender, e.tariff_sector, s.accessibility || e.accessibility AS access,
           e.listed AND {takes_part("s.territory")} AS participates
      FROM slot s CROSS JOIN LATERAL {known("s.territory", "s.effector_id")} e WHERE s.id = $2
),
before AS (
    SELECT h.id, h.slot_id FROM hold h WHERE h.call_id = $1 AND h.state = 'active'
),
free_seat AS (
    SELECT 1 FROM target
     WHERE (SELECT count(*) FROM seat_claim c
             WHERE c.slot_id = $2 AND (c.expires_at IS NULL OR c.expires_at > $4)
               AND (c.hold_id = (SELECT id FROM before)) IS NOT TRUE) < target.capacity
),
locked AS MATERIALIZED (
    SELECT s.id, s.capacity FROM slot s
     WHERE s.id IN (SELECT $2 UNION ALL SELECT slot_id FROM before)
       AND EXISTS (SELECT FROM free_seat) AND EXISTS (SELECT FROM asked WHERE state IN ('open', 'waiting'))
       AND (s.withdrawn_at IS NULL OR s.id <> $2)
     ORDER BY s.id FOR UPDATE
),
call_locked AS MATERIALIZED (
    SELECT c.id FROM call c
     WHERE c.id = $1 AND c.state IN ('open', 'waiting') AND (SELECT count(*) FILTER (WHERE id = $2) FROM locked) > 0
       FOR NO KEY UPDATE
),
freed AS (
    DELETE FROM seat_claim c
     WHERE c.slot_id = ANY (ARRAY(SELECT id FROM locked)) AND EXISTS (SELECT FROM call_locked)
       AND ((c.slot_id = $2 AND c.expires_at <= $4)
            OR (c.expires_at IS NOT NULL AND c.hold_id = (SELECT id FROM before)))
    RETURNING c.hold_id, c.slot_id
),
ended AS (
    UPDATE hold h SET state = CASE WHEN h.expires_at <= $4 THEN 'expired' ELSE 'released' END, ended_at = $4,
           version = h.version + 1
     WHERE h.id = ANY (ARRAY(SELECT hold_id FROM freed)) AND h.state = 'active'
    RETURNING h.id, h.call_id, h.slot_id, h.state, h.version
),
claimed AS (
    INSERT INTO seat_claim (slot_id, seat, territory, hold_id, expires_at)
    SELECT locked.id,
           (SELECT min(n) FROM generate_series(1, locked.capacity) n
             WHERE NOT EXISTS (SELECT FROM seat_claim c WHERE c.slot_id = $2 AND c.seat = n
                AND (c.expires_at IS NULL OR c.expires_at > $4)
                AND (c.hold_id = (SELECT id FROM before)) IS NOT TRUE)),
           $7, $3, $5
      FROM locked, call_locked
     WHERE locked.id = $2 AND (SELECT count(*) FROM ended) >= 0
    ON CONFLICT DO NOTHING
    RETURNING slot_id
),
marked AS (
    UPDATE slot s SET taken = (s.id = $2)
     WHERE s.id = ANY (ARRAY(SELECT slot_id FROM claimed UNION ALL SELECT slot_id FROM freed))
       AND s.capacity = 1
),
placed AS (
    INSERT INTO hold (id, territory, call_id, slot_id, token_digest, state, placed_at, expires_at, warn_at)
    SELECT $3, $7, $1, slot_id, $6, 'active', $4, $5, $8 FROM claimed
    ON CONFLICT DO NOTHING
    RETURNING id, fence
)
SELECT asked.id AS call_id, asked.state AS call_state, asked.client, asked.client_organisation, asked.need,
       asked.patient, asked.modes, asked.audiences, asked.earliest, asked.deadline, asked.radius_km,
       target.id AS slot_id, target.effector_id, target.effector_name, target.effector_kind, target.profession,
       target.specialties, target.starts_at, target.ends_at, target.commune, target.mode,
       target.open_to AS audience, target.capacity, target.participates, target.withdrawn_at, target.paused,
       target.acts, target.min_age, target.max_age, target.own_patients_only, target.languages, target.access,
       target.tariff_sector, target.gender, asked.constraints,
       EXISTS (SELECT FROM quota q
                WHERE q.territory = target.territory AND q.effector_id = target.effector_id) AS quoted,
       EXISTS (SELECT FROM free_seat) AS seat_seen, EXISTS (SELECT FROM call_locked) AS call_taken,
       EXISTS (SELECT FROM claimed) AS claimed, EXISTS (SELECT FROM placed) AS placed,
       (SELECT fence FROM placed) AS fence,
       CASE WHEN NOT EXISTS (SELECT FROM placed) THEN (
           SELECT jsonb_agg(other.it ORDER BY other.n)::text FROM (
               SELECT p.it, p.n FROM jsonb_array_elements(asked.proposals) WITH ORDINALITY AS p (it, n)
                WHERE (p.it ->> 'slot_id')::uuid <> $2 AND (
                      SELECT s.withdrawn_at IS NULL AND s.starts_at >= $4 AND NOT {paused("$4", "s.territory")}
                         AND (SELECT count(*) FROM seat_claim c
                               WHERE c.slot_id = s.id AND (c.expires_at IS NULL OR c.expires_at > $4)
                                 AND (c.hold_id = (SELECT id FROM before)) IS NOT TRUE) < s.capacity
                        FROM slot s WHERE s.id = (p.it ->> 'slot_id')::uuid)
                ORDER BY p.n LIMIT {MAX_ALTERNATIVES}) other) END AS alternatives,
       (SELECT coalesce(json_agg(ended), '[]') FROM ended) AS ended
  FROM (SELECT) one LEFT JOIN asked ON true LEFT JOIN target ON true
"""

# A seat of several was lost in a race; the locks are held now, so this snapshot is final. It locks nothing more:
# a hold of the call that the first statement did not see is not looked for, its index refuses this one.
_PLACE_AGAIN = """
WITH claimed AS (
    INSERT INTO seat_claim (slot_id, seat, territory, hold_id, expires_at)
    SELECT s.id, free.seat, $7, $3, $5
      FROM slot s, LATERAL (
           SELECT min(n) AS seat FROM generate_series(1, s.capacity) n
            WHERE NOT EXISTS (SELECT FROM seat_claim c WHERE c.slot_id = $2 AND c.seat = n
               AND (c.expires_at IS NULL OR c.expires_at > $4))) free
     WHERE s.id = $2 AND free.seat IS NOT NULL
    ON CONFLICT DO NOTHING
    RETURNING slot_id
),
placed AS (
    INSERT INTO hold (id, territory, call_id, slot_id, token_digest, state, placed_at, expires_at, warn_at)
    SELECT $3, $7, $1, slot_id, $6, 'active', $4, $5, $8 FROM claimed
    ON CONFLICT DO NOTHING
    RETURNING id, fence
)
SELECT EXISTS (SELECT FROM claimed) AS claimed, EXISTS (SELECT FROM placed) AS placed,
       (SELECT fence FROM placed) AS fence
"""

# Token and fence are looked at again when the hold's row is written: it may have been handed over meanwhile.
# $1 hold, $2 token digest, $3 now, $4 booking, $5 fence or null.
_CONFIRM = f"""
WITH asked AS (
    SELECT h.id, h.call_id, h.slot_id, h.state, h.expires_at, h.token_digest, h.fence FROM hold h WHERE h.id = $1
),
locked AS MATERIALIZED (
    SELECT s.* FROM slot s
     WHERE s.id = (SELECT slot_id FROM asked
                    WHERE token_digest = $2 AND state = 'active' AND expires_at > $3
                      AND fence = coalesce($5::bigint, fence))
       FOR UPDATE
),
call_locked AS MATERIALIZED (
    SELECT c.id, c.origin, c.patient, c.received_at FROM call c
     WHERE c.id = (SELECT call_id FROM asked) AND c.state IN ('open', 'waiting') AND EXISTS (SELECT FROM locked)
       FOR NO KEY UPDATE
),
kept AS (
    UPDATE hold h SET state = 'confirmed', ended_at = $3
      FROM call_locked
     WHERE h.id = $1 AND h.state = 'active' AND h.expires_at > $3 AND h.token_digest = $2
       AND h.fence = coalesce($5::bigint, h.fence)
    RETURNING h.slot_id
),
seat AS (
    UPDATE seat_claim c SET hold_id = NULL, booking_id = $4, expires_at = NULL
      FROM kept WHERE c.slot_id = kept.slot_id AND c.hold_id = $1
    RETURNING c.slot_id
),
booked AS (
    INSERT INTO booking (id, territory, call_id, slot_id, effector_id, effector_kind, origin, patient_ref,
                         call_received_at, starts_at, ends_at, commune, mode, audience, state, version, confirmed_at)
    SELECT $4, s.territory, c.id, s.id, s.effector_id, e.kind, c.origin, c.patient ->> 'ref', c.received_at,
           s.starts_at, s.ends_at, s.commune, s.mode, {audience_now("$3")}, 'confirmed', 1, $3
      FROM seat, call_locked c, locked s JOIN effector e ON e.id = s.effector_id
    RETURNING *
),
closed AS (
    UPDATE call c SET state = 'booked', version = c.version + 1 FROM booked WHERE c.id = booked.call_id
)
SELECT asked.state AS hold_state, asked.expires_at, asked.token_digest = $2 AS token_right, booked.*
  FROM asked LEFT JOIN booked ON true
"""

# A slot that somebody is working on is left to the next round.
_EXPIRE = """
WITH due AS (
    SELECT h.id, h.slot_id FROM hold h WHERE h.state = 'active' AND h.expires_at <= $1
     ORDER BY h.expires_at LIMIT $2
),
locked AS MATERIALIZED (
    SELECT s.id FROM slot s WHERE s.id IN (SELECT slot_id FROM due) ORDER BY s.id FOR UPDATE SKIP LOCKED
),
freed AS (
    DELETE FROM seat_claim c
     WHERE c.slot_id = ANY (ARRAY(SELECT id FROM locked)) AND c.hold_id = ANY (ARRAY(SELECT id FROM due))
       AND c.expires_at <= $1
    RETURNING c.hold_id, c.slot_id
),
marked AS (
    UPDATE slot s SET taken = false WHERE s.id = ANY (ARRAY(SELECT slot_id FROM freed)) AND s.capacity = 1
)
UPDATE hold h SET state = 'expired', ended_at = $1, version = h.version + 1
 WHERE h.id = ANY (ARRAY(SELECT hold_id FROM freed)) AND h.state = 'active'
RETURNING h.id, h.territory, h.call_id, h.slot_id, h.state, h.version
"""
_GET = """
SELECT h.id, h.call_id, h.slot_id, h.state, h.placed_at, h.expires_at, h.ended_at, h.extended_at, h.fence,
       h.token_digest, c.client
  FROM hold h JOIN call c ON c.id = h.call_id WHERE h.id = $1
"""
_LOCK = """
WITH locked AS MATERIALIZED (
    SELECT s.id FROM slot s WHERE s.id = (SELECT slot_id FROM hold WHERE id = $1) FOR UPDATE
)
SELECT h.id, h.call_id, h.slot_id, h.state, h.placed_at, h.expires_at, h.ended_at, h.extended_at, h.fence,
       h.token_digest, h.version
  FROM hold h WHERE h.id = $1 AND EXISTS (SELECT FROM locked) FOR UPDATE OF h
"""
_END = """
WITH freed AS (
    DELETE FROM seat_claim WHERE slot_id = $2 AND hold_id = $1
),
marked AS (
    UPDATE slot SET taken = false WHERE id = $2 AND capacity = 1
)
UPDATE hold SET state = $3, ended_at = $4, version = version + 1 WHERE id = $1 RETURNING version
"""


@dataclass(frozen=True)
class NewHold:
    """A hold to place. Only the digest of its token is stored. `warn_at`: when its holder is warned of the end."""

    id: UUID
    call_id: UUID
    slot_id: UUID
    token_digest: bytes
    expires_at: datetime
    warn_at: datetime | None = None


async def place(work: Work, hold: NewHold) -> Row:
    """Tries to hold a seat; tells how it went and everything that the decision rests on.

    `placed` is the outcome; `seat_seen`, `call_taken` and `claimed` tell how far it came. `ended` lists
    the holds that this one retired: expired ones on the slot, and the earlier hold of the same call.
    `alternatives`: when it was not placed, JSON text of what was proposed to the call and is still free, or null.
    Call or slot columns are null when there is no such row in the territory.
    """
    values = (
        hold.call_id,
        hold.slot_id,
        hold.id,
        work.now,
        hold.expires_at,
        hold.token_digest,
        work.territory,
        hold.warn_at,
    )
    row = dict(present(await work.fetchrow(PLACE, *values)))
    if row["seat_seen"] and row["call_taken"] and not row["claimed"] and row["capacity"] > 1:
        row |= dict(present(await work.fetchrow(_PLACE_AGAIN, *values)))
    return row


async def confirm(
    work: Work, hold_id: UUID, token_digest: bytes, booking_id: UUID, fence: int | None = None
) -> Record | None:
    """Turns a live hold into a booking. None for an unknown hold; `id` is null when it was refused."""
    return await work.fetchrow(_CONFIRM, hold_id, token_digest, work.now, booking_id, fence)


async def expire(work: Work, limit: int) -> list[Record]:
    """Ends up to `limit` holds whose time has passed, of all territories (system role)."""
    return await work.fetch(_EXPIRE, work.now, limit)


async def get(work: Work, hold_id: UUID) -> Record | None:
    """A hold, with the client that owns its call. Its state may be behind its time (domain/states.py)."""
    return await work.fetchrow(_GET, hold_id)


async def lock(work: Work, hold_id: UUID) -> Record | None:
    """Locks a hold and its slot."""
    return await work.fetchrow(_LOCK, hold_id)


async def end(work: Work, hold_id: UUID, slot_id: UUID, state: str) -> int:
    """Ends a locked hold and frees its seat; answers its new version."""
    version: int = await work.fetchval(_END, hold_id, slot_id, state, work.now)
    return version
