"""What the compensation of unhonoured slots rests on: missed visits, and reserved slots that nobody took."""

from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from snp_dispatch.domain.compensation import CompensationRules
from snp_dispatch.store.overbookings import extra_visits

# A neighbour's slot was not reserved for this territory, a structure is no professional, and an extra patient who does
# not come leaves no reserved seat empty: none of them counts.
_OWN_MISSED = """
SELECT b.id AS booking_id, b.effector_id, e.name, s.profession, b.starts_at, b.ends_at, b.audience, b.absent
  FROM booking b JOIN slot s ON s.id = b.slot_id JOIN effector e ON e.id = b.effector_id
 WHERE b.territory = $1 AND b.state = 'no_show'
   AND b.effector_kind = 'person' AND b.slot_territory IS NULL AND NOT b.overbooked
"""
_MISSED = f"""{_OWN_MISSED}
   AND b.starts_at >= $2 AND b.starts_at < $3
   AND ($4::text IS NULL OR b.effector_id = $4)
 ORDER BY b.starts_at, b.id
"""
_UNFILLED = f"""
SELECT s.effector_id, e.name, count(*) AS slots
  FROM slot s JOIN effector e ON e.id = s.effector_id
 WHERE s.territory = $1 AND s.starts_at >= $2 AND s.starts_at < $3 AND s.ends_at <= $5 AND s.withdrawn_at IS NULL
   AND e.kind = 'person' AND ($4::text IS NULL OR s.effector_id = $4) AND s.audience && $6 AND NOT s.audience && $7
   AND NOT EXISTS (SELECT FROM seat_claim c WHERE c.slot_id = s.id AND c.booking_id IS NOT NULL)
   AND {extra_visits("s.id")} = 0
 GROUP BY s.effector_id, e.name
"""


async def missed(work: Work, since: datetime, until: datetime, rpps: str | None) -> list[Record]:
    """Visits of persons that did not take place and start in the period; of everyone when `rpps` is None."""
    return await work.fetch(_MISSED, work.territory, since, until, rpps)


async def missed_visit(work: Work, booking_id: UUID) -> Record | None:
    """One of them; None for a visit that took place, or that is never paid for."""
    return await work.fetchrow(f"{_OWN_MISSED} AND b.id = $2", work.territory, booking_id)


async def unfilled(
    work: Work, since: datetime, until: datetime, rpps: str | None, rule: CompensationRules
) -> list[Record]:
    """Reserved slots of the period that are over and had no visit, counted by person."""
    return await work.fetch(
        _UNFILLED, work.territory, since, until, rpps, work.now, sorted(rule.reserved), sorted(rule.never)
    )
