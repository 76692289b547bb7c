"""The record of who saw which identity. It is added to and read, never changed."""

from uuid import UUID

from kit.auth import Caller
from kit.work import Record, Work

_ADD = """
INSERT INTO identity_access
  (id, territory, at, subject, role, organisation, action, purpose, patient_id, correlation_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_LIST = """
SELECT * FROM identity_access WHERE patient_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""


async def add(work: Work, caller: Caller, action: str, purpose: str, patient_id: UUID | None) -> None:
    who = (caller.subject, caller.role, caller.organisation)
    what = (action, purpose, patient_id, work.correlation_id)
    await work.execute(_ADD, work.new_id(), work.territory, work.now, *who, *what)


async def of_patient(work: Work, patient_id: UUID, after: UUID | None, limit: int) -> list[Record]:
    """The newest first."""
    return await work.fetch(_LIST, patient_id, after, limit)
