"""Pairs of entries that may be the same person, and what a merge moves."""

from uuid import UUID

from kit.work import Record, Work
from pathways.store.held import HELD

_BORN_THE_SAME_DAY = """
SELECT patient.*, k.wrapped FROM patient JOIN patient_key k ON k.id = patient.key_id
WHERE patient.territory = $1 AND patient.birth_index = $2 AND patient.id <> $3 AND patient.sealed IS NOT NULL
ORDER BY patient.id LIMIT 100
"""
_ADD = """
INSERT INTO patient_duplicate (id, territory, patient_id, other_id, likeness, state, found_at, version, changed_at,
                               changed_by)
VALUES ($1, $2, $3, $4, $5, 'suspected', $6, 1, $6, $7) ON CONFLICT DO NOTHING
"""
_LIST = """
SELECT d.* FROM patient_duplicate d
WHERE ($1::text IS NULL OR d.state = $1) AND ($2::uuid IS NULL OR d.id < $2)
  AND ($3::boolean OR EXISTS (
    SELECT FROM team_member m WHERE m.patient_id IN (d.patient_id, d.other_id) AND m.person = ANY($4)
      AND m.basis <> 'emergency' AND m.starts_at <= $5 AND (m.ends_at IS NULL OR m.ends_at > $5)))
ORDER BY d.id DESC LIMIT $6
"""
_LOCK = "SELECT * FROM patient_duplicate WHERE id = $1 FOR UPDATE"
_DECIDE = """
UPDATE patient_duplicate SET state = $2, version = version + 1, changed_at = $3, changed_by = $4
WHERE id = $1 RETURNING *
"""
_MERGED = """
UPDATE patient_duplicate SET state = 'merged', version = version + 1, changed_at = $3, changed_by = $4
WHERE (patient_id, other_id) IN (($1, $2), ($2, $1))
"""
_SAME_PATHWAY = """
SELECT min(a.template) FROM enrolment a JOIN enrolment b ON b.template = a.template AND b.state IN ('active', 'paused')
WHERE a.patient_id = $1 AND b.patient_id = $2 AND a.state IN ('active', 'paused')
"""
# Who is in both teams stays in one.
_ONE_PLACE = """
UPDATE team_member m SET ends_at = $3, end_reason = 'merged', version = version + 1, changed_at = $3, changed_by = $4
WHERE m.patient_id = $2 AND m.ends_at IS NULL AND EXISTS (
  SELECT FROM team_member s WHERE s.patient_id = $1 AND s.ends_at IS NULL AND s.person = m.person AND s.role = m.role
    AND s.enrolment_id IS NOT DISTINCT FROM m.enrolment_id)
"""
_MOVE_KEYS = "UPDATE patient_key SET patient_id = $1 WHERE patient_id = $2"
_POINT = """
UPDATE patient SET merged_into = $1, sealed = NULL, key_id = NULL, version = version + 1,
       changed_at = $3, changed_by = $4
WHERE id = $2 OR merged_into = $2
"""


async def born_the_same_day(work: Work, patient_id: UUID, birth_index: bytes) -> list[Record]:
    return await work.fetch(_BORN_THE_SAME_DAY, work.territory, birth_index, patient_id)


async def add(work: Work, patient_id: UUID, other_id: UUID, likeness: str, by: str) -> None:
    """Once a pair, whichever came first: a pair that was dismissed stays so."""
    pair = (max(patient_id, other_id), min(patient_id, other_id))
    await work.execute(_ADD, work.new_id(), work.territory, *pair, likeness, work.now, by)


async def several(
    work: Work, state: str | None, *, everything: bool, people: list[str], after: UUID | None, limit: int
) -> list[Record]:
    """The newest first: all, or those of the care teams of these people."""
    return await work.fetch(_LIST, state, after, everything, people, work.now, limit)


async def lock(work: Work, duplicate_id: UUID) -> Record | None:
    return await work.fetchrow(_LOCK, duplicate_id)


async def decide(work: Work, duplicate_id: UUID, state: str, by: str) -> Record:
    (row,) = await work.fetch(_DECIDE, duplicate_id, state, work.now, by)
    return row


async def same_pathway(work: Work, patient_id: UUID, other_id: UUID) -> str | None:
    """A pathway on which both are now."""
    found: str | None = await work.fetchval(_SAME_PATHWAY, patient_id, other_id)
    return found


async def move(work: Work, patient_id: UUID, other_id: UUID, by: str) -> None:
    """Everything of the other entry, and its keys, belong to the patient; the other entry points there."""
    await work.execute(_ONE_PLACE, patient_id, other_id, work.now, by)
    for held in HELD:
        if held.moves:
            await work.execute(f"UPDATE {held.table} SET patient_id = $1 WHERE patient_id = $2", patient_id, other_id)
    await work.execute(_MOVE_KEYS, patient_id, other_id)
    await work.execute(_MERGED, patient_id, other_id, work.now, by)
    await work.execute(_POINT, patient_id, other_id, work.now, by)
