"""Finding free slots for a need: the only query that looks at many slots.

Cost grows with the start of a slot and, per commune, distance is fixed. So the ten best slots of all are
among the ten earliest of each commune, and a commune whose earliest slot costs more than the tenth best
has none of them. The query asks each commune in reach for its earliest slot (one index descent),
bounds, then reads ten slots at most of the communes that are left. Taken slots are not in the index, so
its work grows neither with the number of slots nor with how many are booked. The exact cost is the
domain's (domain/matching.py); here it only bounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.work import Record, Work
from snp_dispatch.domain.geography import Neighbour
from snp_dispatch.domain.matching import MAX_PROPOSALS, Candidate, Need
from snp_dispatch.domain.policy import Weights
from snp_dispatch.store.audience import audience_now, paused

# $1 territory, $2 profession, $3 specialty, $4 modes, $5 earliest, $6 deadline, $7 audiences, $8 now,
# $9 communes in reach, $10 their distances.
_FITS = f"""
       s.territory = $1 AND s.profession = $2 AND s.withdrawn_at IS NULL
   AND s.starts_at >= $5 AND s.starts_at <= $6
   AND ($3::text IS NULL OR $3 = ANY (s.specialties)) AND {audience_now("$8")} && $7
   AND NOT {paused("$8", "$1")}
   AND (e.kind = 'structure' OR EXISTS (
        SELECT FROM participation p WHERE p.territory = $1 AND p.rpps = s.effector_id AND p.participates))
"""


def columns(now: str) -> str:
    """What a candidate is made of; `now` is a parameter such as `$8`."""
    return (
        "s.id, s.effector_id, e.name, e.kind, s.profession, s.specialties, s.starts_at, s.ends_at, s.commune, s.mode, "
        f"{audience_now(now)} AS audience"
    )


_OFFER = f"""
SELECT {columns("$8")} FROM slot s JOIN effector e ON e.id = s.effector_id AND e.listed
 WHERE {_FITS} AND NOT s.taken AND (s.capacity = 1 OR s.capacity > (
       SELECT count(*) FROM seat_claim c WHERE c.slot_id = s.id AND (c.expires_at IS NULL OR c.expires_at > $8)))
"""
# Holds past their time that the sweeper has not come to: a second's worth, and they hold nothing. Their slots are
# fetched by key behind a fence (OFFSET 0), so that no plan goes looking for them through the calendar.
_LAPSED = f"""
SELECT {columns("$8")} FROM (
       SELECT * FROM slot WHERE id = ANY (ARRAY(
              SELECT c.slot_id FROM seat_claim c WHERE c.territory = $1 AND c.expires_at <= $8
               ORDER BY c.expires_at LIMIT 200)) OFFSET 0) s
  JOIN effector e ON e.id = s.effector_id AND e.listed
 WHERE {_FITS} AND s.capacity = 1 AND s.mode = ANY ($4)
"""
_ON_SITE = f"{_OFFER} AND s.mode = ANY ($4) AND s.mode <> 'VR'"
_VIDEO = f"{_OFFER} AND s.mode = 'VR' AND 'VR' = ANY ($4)"
_NEAR = "SELECT * FROM unnest($9::text[], $10::float8[]) AS n (commune, km)"
_SOONEST = f"ORDER BY s.starts_at, s.id LIMIT {MAX_PROPOSALS}"

# $11 regular doctor, $12 points per hour, $13 points per km, $14 how many are wanted.
_FIND = f"""
WITH near AS ({_NEAR}),
earliest AS MATERIALIZED (
    SELECT near.commune, near.km,
           near.km * $13::float8 + $12::float8 * date_part('epoch', f.starts_at - $8) / 3600 AS cost
      FROM near CROSS JOIN LATERAL (
           {_ON_SITE} AND s.commune = near.commune ORDER BY s.starts_at, s.id LIMIT 1) f
),
bound AS (
    SELECT coalesce((SELECT cost FROM earliest ORDER BY cost OFFSET {MAX_PROPOSALS - 1} LIMIT 1), 'infinity') + 0.01
        AS cost
)
(SELECT f.*, n.km FROM earliest n CROSS JOIN LATERAL (
       {_ON_SITE} AND s.commune = n.commune
          AND s.starts_at <= $8 + make_interval(
              secs => 3600 * least(((SELECT cost FROM bound) - n.km * $13) / nullif($12, 0), 100000)) {_SOONEST}) f
 WHERE n.cost <= (SELECT cost FROM bound)
 ORDER BY n.km * $13 + $12 * date_part('epoch', f.starts_at - $8) / 3600, f.starts_at, f.id LIMIT $14)
UNION ALL
SELECT f.*, near.km FROM ({_ON_SITE} AND s.effector_id = $11 {_SOONEST}) f JOIN near USING (commune)
UNION ALL
SELECT f.*, NULL FROM ({_VIDEO} {_SOONEST}) f
UNION ALL
SELECT f.*, near.km FROM ({_LAPSED}) f LEFT JOIN near USING (commune)
 WHERE f.mode = 'VR' OR near.km IS NOT NULL
"""

# $11 where to stop.
_COUNT = f"""
SELECT count(*) FROM (
    (SELECT 1 FROM ({_NEAR}) n CROSS JOIN LATERAL ({_ON_SITE} AND s.commune = n.commune LIMIT $11) f)
    UNION ALL (SELECT 1 FROM ({_VIDEO}) f)
    LIMIT $11) fitting
"""


@dataclass(frozen=True)
class Question:
    """A need, and the communes that its radius reaches."""

    need: Need
    near: Sequence[Neighbour]


async def find(work: Work, question: Question, weights: Weights, *, limit: int) -> list[Candidate]:
    """The free slots among which the ten best are, `limit` of them or a few more, in no order."""
    rows = await work.fetch(
        _FIND,
        *_asked(work, question),
        question.need.regular_doctor,
        weights.wait_per_hour,
        weights.distance_per_km,
        limit,
    )
    # A slot of the regular doctor comes twice when it is also among the soonest of its commune.
    return list({row["id"]: _candidate(row) for row in rows}.values())


async def count(work: Work, question: Question, stop: int) -> int:
    """How many free slots fit, counted up to `stop`."""
    found: int = await work.fetchval(_COUNT, *_asked(work, question), stop)
    return found


def _asked(work: Work, question: Question) -> tuple[object, ...]:
    need = question.need
    return (
        work.territory,
        need.profession,
        need.specialty,
        sorted(need.modes),
        need.earliest,
        need.deadline,
        sorted(need.audiences),
        work.now,
        [it.commune.code for it in question.near],
        [it.km for it in question.near],
    )


def _candidate(row: Record) -> Candidate:
    return Candidate(
        slot_id=row["id"],
        effector=row["effector_id"],
        effector_name=row["name"],
        is_person=row["kind"] == "person",
        profession=row["profession"],
        specialties=frozenset(row["specialties"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        commune=row["commune"],
        distance_km=row["km"],
        mode=row["mode"],
        audience=frozenset(row["audience"]),
    )
