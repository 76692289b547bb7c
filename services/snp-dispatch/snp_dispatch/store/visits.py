"""Visits of one patient, by the opaque reference that the caller gave."""

from collections.abc import Iterable
from uuid import UUID

from kit.work import Work

# Two calls of one patient may be booked at once, and neither would see the other: the second waits here until the
# first has committed, and looks after that. It is the last lock of a booking, after slots, call and booking, so that
# nobody waits in a circle: whoever books for several takes all of theirs at once, in order, before the first. An index
# could not say it: a visit of yesterday without outcome is no visit to come.
_LOCK = """
SELECT pg_advisory_xact_lock(hashtextextended('patient ' || $1 || ' ' || ref, 0))
  FROM (SELECT ref FROM unnest($2::text[]) AS r (ref) ORDER BY ref OFFSET 0) r
"""
_TO_COME = """
SELECT b.id FROM booking b JOIN call c ON c.id = b.call_id JOIN call mine ON mine.id = $2
 WHERE b.territory = $1 AND b.patient_ref = $3 AND b.state = 'confirmed' AND b.starts_at > $4 AND b.call_id <> $2
   AND c.need ->> 'profession' = mine.need ->> 'profession'
   AND (c.need ->> 'specialty') IS NOT DISTINCT FROM (mine.need ->> 'specialty')
 ORDER BY b.starts_at, b.id LIMIT 1
"""
_WITH_VISIT = """
SELECT mine.id FROM call mine
 WHERE mine.id = ANY ($2) AND EXISTS (
       SELECT FROM booking b JOIN call c ON c.id = b.call_id
        WHERE b.territory = $1 AND b.patient_ref = mine.patient ->> 'ref' AND b.state = 'confirmed'
          AND b.starts_at > $3 AND b.call_id <> mine.id
          AND c.need ->> 'profession' = mine.need ->> 'profession'
          AND (c.need ->> 'specialty') IS NOT DISTINCT FROM (mine.need ->> 'specialty'))
"""


async def lock(work: Work, patient_refs: Iterable[str]) -> None:
    """Locks patients until the commit, in their order."""
    await work.execute(_LOCK, work.territory, list(patient_refs))


async def to_come(work: Work, call_id: UUID, patient_ref: str) -> UUID | None:
    """Another visit to come of the patient, for the need of the call; locks the patient until the commit."""
    await lock(work, [patient_ref])
    found: UUID | None = await work.fetchval(_TO_COME, work.territory, call_id, patient_ref, work.now)
    return found


async def with_visit(work: Work, call_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the calls whose patient has another visit to come for the same need. Locks nobody."""
    return {row["id"] for row in await work.fetch(_WITH_VISIT, work.territory, list(call_ids), work.now)}
