"""Finding free slots for a need: the only query that looks at many slots.

Wait and way are what the query prices, to the hundredth of a point as the domain does (domain/matching.py). That
price grows with the start of a slot and, per commune, the way is fixed. So the N cheapest slots of all are among
the N earliest of each commune, and a commune whose earliest slot costs more than the tenth best has none of the ten
best. The query asks each commune in reach for its earliest slot (one index descent) and the cheapest of these communes
for N slots, bounds by the prices that it knows then, and reads what is within the bound, N slots a commune at most:
where slots are many the first commune is enough, elsewhere there is not much to read. Taken slots are not in the
index, so its work grows neither with the number of slots nor with how many are booked.

What the domain adds to that price (wishes, practice, fairness) is never negative and at most `extra`. The bound is
widened by it, and `Found.unseen` tells the price of the last slot that was brought: as long as it is above the
tenth best full cost, nothing better was left behind (usecases/proposals.py asks again otherwise).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from kit.work import Record, Work
from snp_dispatch.domain.catalogue import VIDEO
from snp_dispatch.domain.geography import Neighbour
from snp_dispatch.domain.matching import MAX_PROPOSALS, Candidate, Key, Need, most_extra, trip
from snp_dispatch.domain.policy import Weights
from snp_dispatch.store.attested import known
from snp_dispatch.store.audience import audience_now, paused
from snp_dispatch.store.participation import takes_part

# $1 territory, $2 profession, $3 specialty, $4 modes, $5 earliest, $6 deadline, $7 audiences, $8 now,
# $9 communes in reach, $10 their distances, $11 act, $12 age, $13 regular doctor; null unless asked for and hard:
# $14 languages, $15 accessibility, $16 tariff sectors, $17 gender.
_FITS = f"""
       s.territory = $1 AND s.profession = $2 AND s.withdrawn_at IS NULL
   AND s.starts_at >= $5 AND s.starts_at <= $6
   AND ($3::text IS NULL OR $3 = ANY (s.specialties)) AND {audience_now("$8")} && $7
   AND NOT {paused("$8", "$1")}
   AND ($11::text IS NULL OR $11 = ANY (s.acts))
   AND ($12::int IS NULL OR ((s.min_age IS NULL OR s.min_age <= $12) AND (s.max_age IS NULL OR s.max_age >= $12)))
   AND (NOT s.own_patients_only OR s.effector_id = $13::text)
   AND ($14::text[] IS NULL OR e.languages && $14)
   AND ($15::text[] IS NULL OR (s.accessibility || e.accessibility) @> $15)
   AND ($16::text[] IS NULL OR e.tariff_sector = ANY ($16)) AND ($17::text IS NULL OR e.gender = $17)
   AND {takes_part("$1")}
"""


def columns(now: str) -> str:
    """What a candidate is made of; `now` is a parameter such as `$8`."""
    return f"""
s.id, s.effector_id, e.name, e.kind, s.profession, s.specialties, s.starts_at, s.ends_at, s.commune, s.mode,
{audience_now(now)} AS audience, s.acts, s.min_age, s.max_age, s.own_patients_only,
s.accessibility || e.accessibility AS access, e.languages, e.tariff_sector, e.gender, e.sites
"""


# The fence (OFFSET 0) keeps the slots in front: conditions on effectors that a plan cannot weigh (their values come
# with the call) must not make it start from the effectors.
_OFFER = f"""
SELECT {columns("$8")} FROM slot s
 CROSS JOIN LATERAL (SELECT * FROM {known("$1")} k WHERE id = s.effector_id AND listed OFFSET 0) e
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
  JOIN {known("$1")} e ON e.id = s.effector_id AND e.listed
 WHERE {_FITS} AND s.capacity = 1 AND s.mode = ANY ($4)
"""
_ON_SITE = f"{_OFFER} AND s.mode = ANY ($4) AND s.mode <> 'VR'"
_VIDEO = f"{_OFFER} AND s.mode = 'VR' AND 'VR' = ANY ($4)"
_SOONEST = "ORDER BY s.starts_at, s.id LIMIT $20"
# The operations of matching.cents, in its order.
_WAIT = "floor($19::float8 * date_part('epoch', f.starts_at - $8) / 3600 * 100 + 0.5)"


def _until(limit: str, way: str) -> str:
    """The last start of which the price may be within the limit; a little later, it only bounds."""
    return f"$8 + make_interval(secs => 3600 * least(({limit} - {way} + 1) / nullif($19 * 100, 0), 100000))"


# In hundredths of a point: $18 way to each commune, $21 extra, $22 the price to stop at. $19 points per hour,
# $20 how many are wanted. All slots of the patient's own doctor come: their price is not that of the others.
_PRICED = f"""
WITH near AS (SELECT * FROM unnest($9::text[], $10::float8[], $18::float8[]) AS n (commune, km, way)),
earliest AS MATERIALIZED (
    SELECT near.commune, near.km, near.way, near.way + {_WAIT} AS price
      FROM near CROSS JOIN LATERAL (
           {_ON_SITE} AND s.commune = near.commune ORDER BY s.starts_at, s.id LIMIT 1) f
),
cheapest AS (SELECT * FROM earliest ORDER BY price, km, commune LIMIT 1),
known AS MATERIALIZED (
    SELECT n.way + {_WAIT} AS price FROM cheapest n CROSS JOIN LATERAL (
           {_ON_SITE} AND s.commune = n.commune AND s.starts_at <= {_until("$22", "n.way")} {_SOONEST}) f
    UNION ALL
    SELECT price FROM earliest WHERE commune <> (SELECT commune FROM cheapest)
),
bound AS (
    SELECT least((SELECT price FROM known ORDER BY price OFFSET {MAX_PROPOSALS - 1} LIMIT 1) + $21::float8,
                 (SELECT price FROM known ORDER BY price OFFSET $20 - 1 LIMIT 1), $22::float8) AS price
)
"""
_NEAR = f"""
(SELECT f.*, n.km, 'near' AS branch, n.way + {_WAIT} AS price FROM earliest n CROSS JOIN LATERAL (
       {_ON_SITE} AND s.commune = n.commune
          AND s.starts_at <= {_until("(SELECT price FROM bound)", "n.way")} {_SOONEST}) f
 WHERE n.price <= (SELECT price FROM bound)
 ORDER BY price, f.starts_at, n.km, f.id LIMIT $20)
"""
_LAPSED_TOO = f"""
SELECT f.*, near.km, 'lapsed', 0 FROM ({_LAPSED}) f LEFT JOIN near USING (commune)
 WHERE f.mode = 'VR' OR near.km IS NOT NULL
"""
_OWN_TOO = f"""
SELECT f.*, near.km, 'own', 0 FROM (
       {_OFFER} AND s.mode = ANY ($4) AND s.effector_id = $13 ORDER BY s.starts_at, s.id LIMIT 500) f
  LEFT JOIN near USING (commune) WHERE f.mode = 'VR' OR near.km IS NOT NULL
"""
_VIDEO_TOO = f"""
(SELECT f.*, NULL, 'video', {_WAIT} FROM ({_VIDEO} AND s.starts_at <= {_until("$22", "0")} {_SOONEST}) f
  ORDER BY f.starts_at, f.id)
"""


def _find(*, own: bool, video: bool) -> str:
    """A statement with what a need asks for, no more: to set up a plan costs by its length, a third of the search."""
    parts = [_NEAR, _LAPSED_TOO, *([_OWN_TOO] if own else []), *([_VIDEO_TOO] if video else [])]
    return _PRICED + "UNION ALL".join(parts)


_FIND = {(own, video): _find(own=own, video=video) for own in (False, True) for video in (False, True)}
"""By whether the patient has a regular doctor, and whether video will do."""

# $18 where to stop.
_COUNT = f"""
SELECT count(*) FROM (
    (SELECT 1 FROM unnest($9::text[], $10::float8[]) AS n (commune, km)
      CROSS JOIN LATERAL ({_ON_SITE} AND s.commune = n.commune LIMIT $18) f)
    UNION ALL (SELECT 1 FROM ({_VIDEO}) f)
    LIMIT $18) fitting
"""


@dataclass(frozen=True)
class Question:
    """A need, the communes that its radius reaches, and the minutes to each where they are known."""

    need: Need
    near: Sequence[Neighbour]
    minutes: Sequence[float | None]


@dataclass(frozen=True)
class Found:
    """Free slots that fit, in no order; `unseen`: no slot that was left behind comes before it by wait and way."""

    slots: list[Candidate]
    unseen: Key | None


async def find(work: Work, question: Question, weights: Weights, *, limit: int, stop: float = inf) -> Found:
    """The `limit` cheapest free slots by wait and way, cheaper than `stop` points, and those of the own doctor."""
    rows = await work.fetch(
        _FIND[question.need.regular_doctor is not None, VIDEO in question.need.modes],
        *_asked(work, question.need, question.near),
        [_way(weights, near, minutes) for near, minutes in zip(question.near, question.minutes, strict=True)],
        weights.wait_per_hour,
        limit,
        round(most_extra(weights, question.need) * 100),
        stop if stop == inf else round(stop * 100),
    )
    # A slot comes twice when it is also among those of the regular doctor.
    slots = {row["id"]: candidate(row, row["km"]) for row in rows}
    return Found(list(slots.values()), _unseen(rows, limit))


async def count(work: Work, need: Need, near: Sequence[Neighbour], stop: int) -> int:
    """How many free slots fit, counted up to `stop`."""
    found: int = await work.fetchval(_COUNT, *_asked(work, need, near), stop)
    return found


def _way(weights: Weights, near: Neighbour, minutes: float | None) -> int:
    return round(sum(trip(weights, near.km, minutes).values()) * 100)


def _unseen(rows: list[Record], limit: int) -> Key | None:
    """The last of each branch that was cut off at the limit; the first of these."""
    cut = []
    for branch in ("near", "video"):
        mine = [(row["price"] / 100, row["starts_at"], row["km"] or 0.0, row["id"]) for row in rows
                if row["branch"] == branch]  # fmt: skip
        cut += [max(mine)] if len(mine) >= limit else []
    return min(cut, default=None)


def _asked(work: Work, need: Need, near: Sequence[Neighbour]) -> tuple[object, ...]:
    hard = need.criteria.is_hard
    return (
        work.territory,
        need.profession,
        need.specialty,
        sorted(need.modes),
        need.earliest,
        need.deadline,
        sorted(need.audiences),
        work.now,
        [it.commune.code for it in near],
        [it.km for it in near],
        need.act,
        need.age,
        need.regular_doctor,
        sorted(need.languages) if need.languages and hard("language") else None,
        sorted(need.accessibility) if need.accessibility and hard("accessibility") else None,
        sorted(need.tariff_sectors) if need.tariff_sectors and hard("tariff_sector") else None,
        need.gender if hard("gender") else None,
    )


def candidate(
    row: Record, km: float | None, *, participates: bool = True, withdrawn: bool = False, paused: bool = False
) -> Candidate:
    """A slot as the rule sees it, from the columns that a search brings."""
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
        distance_km=None if row["mode"] == VIDEO else km,
        mode=row["mode"],
        audience=frozenset(row["audience"]),
        participates=participates,
        withdrawn=withdrawn,
        paused=paused,
        acts=frozenset(row["acts"]),
        min_age=row["min_age"],
        max_age=row["max_age"],
        own_patients_only=row["own_patients_only"],
        languages=frozenset(row["languages"]),
        accessibility=frozenset(row["access"]),
        tariff_sector=row["tariff_sector"],
        gender=row["gender"],
        sites=frozenset(row["sites"]),
    )
