"""The record of who saw what of whom. It is added to and read, never changed."""

from dataclasses import dataclass
from uuid import UUID

from kit.auth import Caller
from kit.work import Record, Work

_ADD = """
INSERT INTO access_record
  (id, territory, at, subject, rpps, role, organisation, action, kind, purpose, patient_id, enrolment_id, situation,
   correlation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""
_LIST = """
SELECT * FROM access_record
WHERE patient_id IN (SELECT id FROM patient WHERE id = $1 OR merged_into = $1)
  AND ($2::uuid IS NULL OR id < $2) AND ($3::text IS NULL OR kind = $3) ORDER BY id DESC LIMIT $4
"""


@dataclass(frozen=True)
class Seen:
    """What was done, with which kind of content of whom, why, and on which grounds (null before there is a patient)."""

    action: str
    kind: str
    purpose: str
    patient_id: UUID | None
    enrolment_id: UUID | None
    situation: str | None


async def add(work: Work, caller: Caller, seen: Seen) -> None:
    who = (caller.subject, caller.rpps, caller.role, caller.organisation)
    what = (seen.action, seen.kind, seen.purpose, seen.patient_id, seen.enrolment_id, seen.situation)
    await work.execute(_ADD, work.new_id(), work.territory, work.now, *who, *what, work.correlation_id)


async def of_patient(work: Work, patient_id: UUID, kind: str | None, *, after: UUID | None, limit: int) -> list[Record]:
    """The newest first."""
    return await work.fetch(_LIST, patient_id, after, kind, limit)
