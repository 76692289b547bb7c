"""Rows of patients."""

from uuid import UUID

from kit.work import Record, Work
from pathways.store.tables import PatientRow

_LOCK_NAME = "SELECT pg_advisory_xact_lock($1)"
_FIND = "SELECT * FROM patient WHERE id = $1"
_FIND_BY_NAME = "SELECT * FROM patient WHERE name_index = $1 ORDER BY id"
_FIND_BY_INS = "SELECT * FROM patient WHERE ins_index = $1"
_FIND_SAME = """
SELECT id FROM patient
WHERE ins_index = $2 OR (name_index = $1 AND (ins_index IS NULL OR $2::bytea IS NULL))
ORDER BY id LIMIT 1
"""
_ADD = """
INSERT INTO patient (id, territory, ref, sealed, name_index, ins_index, identity_status, commune, sex, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING
"""


async def find(work: Work, patient_id: UUID) -> Record | None:
    return await work.fetchrow(_FIND, patient_id)


async def find_by_name(work: Work, name_index: bytes) -> list[Record]:
    return await work.fetch(_FIND_BY_NAME, name_index)


async def find_by_ins(work: Work, ins_index: bytes) -> list[Record]:
    return await work.fetch(_FIND_BY_INS, ins_index)


async def find_same(work: Work, name_index: bytes, ins_index: bytes | None) -> UUID | None:
    """Who has this national identifier, or this name without an identifier that tells them apart.

    Holds back, until the end of the transaction, whoever asks for the same name.
    """
    await work.execute(_LOCK_NAME, int.from_bytes(name_index[:8], "big", signed=True))
    found: UUID | None = await work.fetchval(_FIND_SAME, name_index, ins_index)
    return found


async def add(work: Work, row: PatientRow) -> bool:
    """Answers False when somebody with this national identifier came in at the same moment."""
    values = (row.ref, row.sealed, row.name_index, row.ins_index, row.identity_status, row.commune, row.sex)
    return await work.execute(_ADD, row.id, row.territory, *values, row.created_at) == "INSERT 0 1"
