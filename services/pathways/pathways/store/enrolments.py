"""Rows of enrolments."""

from uuid import UUID

from kit.work import Record, Work
from pathways.store.standing import Sight
from pathways.store.tables import Enrolment

_ADD = """
INSERT INTO enrolment (id, territory, patient_id, template, template_version, label, state, started_on, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (territory, patient_id, template) WHERE state = 'active' DO NOTHING
"""
_WITH_PATIENT = """
SELECT enrolment.*, patient.ref AS patient_ref FROM enrolment JOIN patient ON patient.id = enrolment.patient_id
"""
_FIND = _WITH_PATIENT + "WHERE enrolment.id = $1"
_FIND_ACTIVE = "SELECT id FROM enrolment WHERE patient_id = $1 AND template = $2 AND state = 'active'"
_LOCK = "SELECT * FROM enrolment WHERE id = $1 FOR UPDATE"
_LOCK_OF_STEP = """
SELECT enrolment.* FROM enrolment JOIN step ON step.enrolment_id = enrolment.id WHERE step.id = $1
FOR UPDATE OF enrolment
"""
_LIST = """
SELECT enrolment.*, patient.ref AS patient_ref, progress.* FROM enrolment
JOIN patient ON patient.id = enrolment.patient_id
CROSS JOIN LATERAL (
  SELECT min(due_at) FILTER (WHERE state IN ('planned', 'overdue')) AS next_due_at,
         count(*) FILTER (WHERE state = 'overdue') AS overdue,
         count(*) FILTER (WHERE state = 'done') AS done,
         count(*) AS total
  FROM step WHERE step.enrolment_id = enrolment.id
) AS progress
WHERE ($1::uuid IS NULL OR enrolment.patient_id = $1)
  AND ($2::text IS NULL OR enrolment.template = $2)
  AND ($3::text IS NULL OR enrolment.state = $3)
  AND ($4::boolean IS NULL OR (progress.overdue > 0) = $4)
  AND ($5::uuid IS NULL OR enrolment.id < $5)
  AND {seen}
ORDER BY enrolment.id DESC LIMIT $6
"""
# Of steps that are closed at once, the last one in need not be the one that began last.
_COMPLETE = """
UPDATE enrolment
   SET state = 'completed', closed_at = greatest($2, (SELECT max(changed_at) FROM step WHERE enrolment_id = $1))
WHERE id = $1 AND state = 'active'
  AND NOT EXISTS (SELECT FROM step WHERE enrolment_id = $1 AND state IN ('planned', 'overdue'))
"""
_LEAVE = "UPDATE enrolment SET state = 'left', closed_at = $2, leave_reason = $3 WHERE id = $1"


async def add(work: Work, row: Enrolment) -> bool:
    """Answers False when the patient is on this pathway already."""
    pathway = (row.template, row.template_version, row.label, row.state, row.started_on, row.created_at)
    return await work.execute(_ADD, row.id, row.territory, row.patient_id, *pathway) == "INSERT 0 1"


async def find(work: Work, enrolment_id: UUID) -> Record | None:
    return await work.fetchrow(_FIND, enrolment_id)


async def find_active(work: Work, patient_id: UUID, template: str) -> UUID | None:
    found: UUID | None = await work.fetchval(_FIND_ACTIVE, patient_id, template)
    return found


async def lock(work: Work, enrolment_id: UUID) -> Record | None:
    return await work.fetchrow(_LOCK, enrolment_id)


async def lock_of_step(work: Work, step_id: UUID) -> Record | None:
    """The enrolment of a step. Whoever changes another of its steps waits: the last one completes it."""
    return await work.fetchrow(_LOCK_OF_STEP, step_id)


async def several(
    work: Work,
    sight: Sight,
    *,
    patient_id: UUID | None,
    template: str | None,
    state: str | None,
    overdue: bool | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """Those in sight, the newest first, each with its progress."""
    wanted = (patient_id, template, state, overdue, after, limit)
    return await work.fetch(_LIST.format(seen=sight.condition(7)), *wanted, *sight.args)


async def complete_when_over(work: Work, enrolment_id: UUID) -> None:
    """Closes the enrolment when no step is left to do."""
    await work.execute(_COMPLETE, enrolment_id, work.now)


async def leave(work: Work, enrolment_id: UUID, reason: str) -> None:
    await work.execute(_LEAVE, enrolment_id, work.now, reason)
