"""All slots of a territory in a window, free or not, with what is known of their seats: what explanations look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from kit.work import Record, Work
from snp_dispatch.domain.matching import Candidate
from snp_dispatch.store.attested import known
from snp_dispatch.store.audience import paused
from snp_dispatch.store.participation import takes_part
from snp_dispatch.store.search import candidate, columns

Seats = Literal["free", "held", "taken"]

# $1 territory, $2 from, $3 until, $4 communes, $5 their distances, $6 effector or null, $7 now, $8 at most,
# $9 wherever they are.
_SURVEY = f"""
SELECT {columns("$7")}, near.km, s.withdrawn_at, s.created_at,
       {paused("$7", "$1")} AS paused, e.listed AND {takes_part("$1")} AS participates,
       CASE WHEN s.capacity > seats.booked + seats.held THEN 'free'
            WHEN s.capacity > seats.booked THEN 'held' ELSE 'taken' END AS seats
  FROM (SELECT * FROM slot WHERE territory = $1 AND starts_at >= $2 AND starts_at <= $3
           AND ($6::text IS NULL OR effector_id = $6)
           AND ($9::bool OR mode = 'VR' OR commune = ANY ($4)) ORDER BY starts_at, id LIMIT $8) s
  JOIN {known("$1")} e ON e.id = s.effector_id
  LEFT JOIN unnest($4::text[], $5::float8[]) AS near (commune, km) USING (commune)
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE c.expires_at IS NULL) AS booked,
              count(*) FILTER (WHERE c.expires_at > $7) AS held
         FROM seat_claim c WHERE c.slot_id = s.id) seats
 ORDER BY s.starts_at, s.id
"""


@dataclass(frozen=True)
class Surveyed:
    """A slot, whether a seat of it is free, and since when it is offered."""

    slot: Candidate
    seats: Seats
    published_at: datetime

    @property
    def id(self) -> UUID:
        return self.slot.slot_id


async def survey(
    work: Work,
    since: datetime,
    until: datetime,
    near: Sequence[tuple[str, float]],
    *,
    effector: str | None = None,
    anywhere: bool = False,
    limit: int,
) -> list[Surveyed]:
    """The slots that start within the window at one of the communes, or by video; the soonest `limit` of them.

    `near`: communes with their distance in km; `anywhere`: elsewhere too, with no distance.
    """
    communes, distances = [code for code, _ in near], [km for _, km in near]
    rows = await work.fetch(
        _SURVEY, work.territory, since, until, communes, distances, effector, work.now, limit, anywhere
    )
    return [_surveyed(row) for row in rows]


def _surveyed(row: Record) -> Surveyed:
    slot = candidate(
        row,
        row["km"],
        participates=row["participates"],
        withdrawn=row["withdrawn_at"] is not None,
        paused=row["paused"],
    )
    return Surveyed(slot, row["seats"], row["created_at"])
