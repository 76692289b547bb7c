"""Rows of consents and objections of a patient."""

from datetime import date
from uuid import UUID

from kit.work import Record, Work
from pathways.store.tables import Consent

_ADD = """
INSERT INTO consent (id, territory, patient_id, enrolment_id, purpose, given_on, given_by, channel, text_version,
                     recorded_by, recorded_at, version, changed_by, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $10, $11) RETURNING *
"""
_OF_ENROLMENT = "SELECT * FROM consent WHERE enrolment_id = $1 ORDER BY recorded_at DESC LIMIT 1"
_OF_PATIENT = "SELECT * FROM consent WHERE patient_id = $1 ORDER BY id"
_LOCK = "SELECT * FROM consent WHERE id = $1 FOR UPDATE"
_WITHDRAW = """
UPDATE consent SET withdrawn_at = $2, withdrawn_by = $3, withdrawal_channel = $4,
       version = version + 1, changed_at = $2, changed_by = $5
WHERE id = $1 RETURNING *
"""
_OBJECT = """
INSERT INTO objection (id, territory, patient_id, against, made_by, made_on, channel, version, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9) RETURNING *
"""
_OBJECTIONS = "SELECT * FROM objection WHERE patient_id = $1 ORDER BY id"
_LOCK_OBJECTION = "SELECT * FROM objection WHERE id = $1 FOR UPDATE"
_LIFT = """
UPDATE objection SET withdrawn_at = $2, version = version + 1, changed_at = $2, changed_by = $3
WHERE id = $1 RETURNING *
"""


async def add(work: Work, row: Consent) -> Record:
    given = (row.purpose, row.given_on, row.given_by, row.channel, row.text_version)
    values = (row.id, row.territory, row.patient_id, row.enrolment_id, *given, row.recorded_by, row.recorded_at)
    (kept,) = await work.fetch(_ADD, *values)
    return kept


async def of_enrolment(work: Work, enrolment_id: UUID) -> Record | None:
    """The latest, in force or withdrawn."""
    return await work.fetchrow(_OF_ENROLMENT, enrolment_id)


async def of_patient(work: Work, patient_id: UUID) -> list[Record]:
    """All of them, the oldest first: a patient has few."""
    return await work.fetch(_OF_PATIENT, patient_id)


async def lock(work: Work, consent_id: UUID) -> Record | None:
    return await work.fetchrow(_LOCK, consent_id)


async def withdraw(work: Work, consent_id: UUID, by: str, channel: str, recorded_by: str) -> Record:
    (row,) = await work.fetch(_WITHDRAW, consent_id, work.now, by, channel, recorded_by)
    return row


async def add_objection(
    work: Work, patient_id: UUID, against: str, *, made_by: str, made_on: date, channel: str, recorded_by: str
) -> Record:
    told = (against, made_by, made_on, channel, work.now, recorded_by)
    (row,) = await work.fetch(_OBJECT, work.new_id(), work.territory, patient_id, *told)
    return row


async def objections(work: Work, patient_id: UUID) -> list[Record]:
    """All of them, the oldest first: a patient has few."""
    return await work.fetch(_OBJECTIONS, patient_id)


async def lock_objection(work: Work, objection_id: UUID) -> Record | None:
    return await work.fetchrow(_LOCK_OBJECTION, objection_id)


async def lift(work: Work, objection_id: UUID, by: str) -> Record:
    (row,) = await work.fetch(_LIFT, objection_id, work.now, by)
    return row
