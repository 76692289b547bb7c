"""Bookings of the dispatch that concern enrolled patients, as its events tell them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.work import Record, Work

# One row for each active enrolment of the patient, and for those that had the booking before they ended. An event
# that comes late does not turn the state back, but fills in what an earlier arrival could not know. When and where
# follow the newest event that says it: the confirmation, or a move.
_PROJECT = """
INSERT INTO enrolment_booking AS known
  (enrolment_id, booking_id, territory, state, version, changed_at, confirmed_at, starts_at, ends_at, commune, mode,
   rpps, finess, visit_version, call_id, ended_by)
SELECT enrolment.id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16
FROM enrolment JOIN patient ON coalesce(patient.merged_into, patient.id) = enrolment.patient_id
WHERE patient.ref = $1
  AND (enrolment.state IN ('active', 'paused')
       OR EXISTS (SELECT FROM enrolment_booking b WHERE b.enrolment_id = enrolment.id AND b.booking_id = $2))
ON CONFLICT (enrolment_id, booking_id) DO UPDATE SET
  state = CASE WHEN excluded.version > known.version THEN excluded.state ELSE known.state END,
  ended_by = CASE WHEN excluded.version > known.version THEN excluded.ended_by ELSE known.ended_by END,
  call_id = excluded.call_id,
  changed_at = CASE WHEN excluded.version > known.version THEN excluded.changed_at ELSE known.changed_at END,
  version = greatest(excluded.version, known.version),
  confirmed_at = coalesce(known.confirmed_at, excluded.confirmed_at),
  visit_version = greatest(excluded.visit_version, known.visit_version),
  starts_at = CASE WHEN excluded.visit_version > known.visit_version THEN excluded.starts_at ELSE known.starts_at END,
  ends_at = CASE WHEN excluded.visit_version > known.visit_version THEN excluded.ends_at ELSE known.ends_at END,
  commune = CASE WHEN excluded.visit_version > known.visit_version THEN excluded.commune ELSE known.commune END,
  mode = CASE WHEN excluded.visit_version > known.visit_version THEN excluded.mode ELSE known.mode END,
  rpps = CASE WHEN excluded.visit_version > known.visit_version THEN excluded.rpps ELSE known.rpps END,
  finess = CASE WHEN excluded.visit_version > known.visit_version THEN excluded.finess ELSE known.finess END
"""
_OF_ENROLMENT = """
SELECT * FROM enrolment_booking WHERE enrolment_id = $1 ORDER BY starts_at NULLS LAST, booking_id
"""
_OF_CALL = "SELECT * FROM enrolment_booking WHERE enrolment_id = $1 AND call_id = $2"


@dataclass(frozen=True)
class Visit:
    """What only the confirmation of a booking tells, or its move (which does not know when it was confirmed)."""

    confirmed_at: datetime | None
    starts_at: datetime
    ends_at: datetime
    commune: str
    mode: str
    rpps: str | None
    finess: str | None


@dataclass(frozen=True)
class Sighting:
    """What one event of a booking says. `version` counts the changes of the booking."""

    booking_id: UUID
    state: str
    version: int
    at: datetime
    call_id: UUID
    visit: Visit | None = None
    ended_by: str | None = None


async def project(work: Work, patient_ref: UUID, seen: Sighting) -> None:
    """Notes the booking on the patient's enrolments; does nothing when there is none."""
    visit = seen.visit
    details = (
        (visit.confirmed_at, visit.starts_at, visit.ends_at, visit.commune, visit.mode, visit.rpps, visit.finess)
        if visit
        else (None,) * 7
    )
    told = (seen.booking_id, work.territory, seen.state, seen.version, seen.at)
    await work.execute(
        _PROJECT, patient_ref, *told, *details, seen.version if visit else 0, seen.call_id, seen.ended_by
    )


async def of_enrolment(work: Work, enrolment_id: UUID) -> list[Record]:
    return await work.fetch(_OF_ENROLMENT, enrolment_id)


async def of_call(work: Work, enrolment_id: UUID, call_id: UUID) -> list[Record]:
    """Those that a call has had, as they show on the enrolment."""
    return await work.fetch(_OF_CALL, enrolment_id, call_id)
