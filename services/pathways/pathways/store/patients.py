"""Rows of patients, read together with their wrapped key."""

from typing import Any
from uuid import UUID

from kit.work import Record, Work
from pathways.store.tables import PatientRow

_LOCK_NAME = "SELECT pg_advisory_xact_lock($1)"
_READ = "SELECT patient.*, k.wrapped FROM patient LEFT JOIN patient_key k ON k.id = patient.key_id "
_FIND = _READ + "WHERE patient.id = $1"
_LOCK = _READ + "WHERE patient.id = $1 FOR UPDATE OF patient"
# An entry that was merged leads to the one that stands for it.
_FIND_BY_NAME = (
    _READ
    + """
WHERE patient.id IN (SELECT coalesce(merged_into, id) FROM patient WHERE name_index = $1) AND patient.sealed IS NOT NULL
ORDER BY patient.id
"""
)
_FIND_BY_INS = (
    _READ
    + """
WHERE patient.id IN (SELECT coalesce(merged_into, id) FROM patient WHERE ins_index = $1) AND patient.sealed IS NOT NULL
"""
)
_FIND_SAME = """
SELECT coalesce(merged_into, id) FROM patient
WHERE (ins_index = $2 OR (name_index = $1 AND (ins_index IS NULL OR $2::bytea IS NULL)))
  AND ($3::uuid IS NULL OR coalesce(merged_into, id) <> $3)
ORDER BY id LIMIT 1
"""
_ADD = """
INSERT INTO patient (id, territory, ref, sealed, name_index, ins_index, birth_index, key_id, identity_status,
                     commune, sex, created_at, version, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $12, $13) ON CONFLICT DO NOTHING
"""
_UNKEYED = """
SELECT id, territory, sealed, key_id, NULL::bytea AS wrapped FROM patient
WHERE key_id IS NULL AND sealed IS NOT NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
"""
_GIVE_KEY = "UPDATE patient SET sealed = $2, key_id = $3, birth_index = $4 WHERE id = $1"


async def find(work: Work, patient_id: UUID) -> Record | None:
    return await work.fetchrow(_FIND, patient_id)


async def lock(work: Work, patient_id: UUID) -> Record | None:
    return await work.fetchrow(_LOCK, patient_id)


async def find_by_name(work: Work, name_index: bytes) -> list[Record]:
    return await work.fetch(_FIND_BY_NAME, name_index)


async def find_by_ins(work: Work, ins_index: bytes) -> list[Record]:
    return await work.fetch(_FIND_BY_INS, ins_index)


async def find_same(work: Work, name_index: bytes, ins_index: bytes | None, *, but: UUID | None = None) -> UUID | None:
    """Who has this national identifier, or this name without an identifier that tells them apart.

    Holds back, until the end of the transaction, whoever asks for the same name.
    """
    await work.execute(_LOCK_NAME, int.from_bytes(name_index[:8], "big", signed=True))
    found: UUID | None = await work.fetchval(_FIND_SAME, name_index, ins_index, but)
    return found


async def add(work: Work, row: PatientRow) -> bool:
    """Answers False when somebody with this national identifier came in at the same moment."""
    indexes = (row.sealed, row.name_index, row.ins_index, row.birth_index, row.key_id)
    values = (row.ref, *indexes, row.identity_status, row.commune, row.sex)
    return await work.execute(_ADD, row.id, row.territory, *values, row.created_at, row.changed_by) == "INSERT 0 1"


async def change(work: Work, patient_id: UUID, by: str, **values: Any) -> None:
    """Changes columns of a patient whose row the caller has locked."""
    columns = values | {"changed_at": work.now, "changed_by": by}
    sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(columns, start=2))
    await work.execute(f"UPDATE patient SET {sets}, version = version + 1 WHERE id = $1", patient_id, *columns.values())


async def unkeyed(work: Work, limit: int) -> list[Record]:
    """Entries of before patients had keys, of every territory, locked."""
    return await work.fetch(_UNKEYED, limit)


async def give_key(work: Work, patient_id: UUID, sealed: bytes, key_id: UUID, birth_index: bytes) -> None:
    await work.execute(_GIVE_KEY, patient_id, sealed, key_id, birth_index)
