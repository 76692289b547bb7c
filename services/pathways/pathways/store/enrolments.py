"""Rows of enrolments."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import orjson

from kit.work import Record, Work
from pathways.domain.template import Template
from pathways.store.standing import Sight
from pathways.store.tables import Enrolment

_ADD = """
INSERT INTO enrolment (id, territory, patient_id, template, template_version, label, state, started_on, created_at,
                       facts, dates, told_dates, criteria, version, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $8, $9, $10::text::jsonb, $11, $12::text::jsonb, 1, $8, $13)
ON CONFLICT (territory, patient_id, template) WHERE state IN ('active', 'paused') DO NOTHING
"""
_WITH_PATIENT = """
SELECT enrolment.*, patient.ref AS patient_ref FROM enrolment JOIN patient ON patient.id = enrolment.patient_id
"""
_FIND = _WITH_PATIENT + "WHERE enrolment.id = $1"
_FIND_RUNNING = "SELECT id FROM enrolment WHERE patient_id = $1 AND template = $2 AND state IN ('active', 'paused')"
_LOCK_RUNNING = """
SELECT * FROM enrolment WHERE territory = $1 AND patient_id = $2 AND state IN ('active', 'paused')
ORDER BY id FOR UPDATE
"""
_LOCK = "SELECT * FROM enrolment WHERE id = $1 FOR UPDATE"
_LOCK_OF_STEP = """
SELECT enrolment.* FROM enrolment JOIN step ON step.enrolment_id = enrolment.id WHERE step.id = $1
FOR UPDATE OF enrolment
"""
_LIST = """
SELECT enrolment.*, patient.ref AS patient_ref, progress.* FROM enrolment
JOIN patient ON patient.id = enrolment.patient_id
CROSS JOIN LATERAL (
  SELECT min(due_at) FILTER (WHERE state IN ('planned', 'due', 'overdue')) AS next_due_at,
         count(*) FILTER (WHERE state = 'overdue') AS overdue,
         count(*) FILTER (WHERE state = 'done') AS done,
         count(*) FILTER (WHERE state <> 'not_needed') AS total
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
   SET state = 'completed', closed_at = greatest($2, (SELECT max(changed_at) FROM step WHERE enrolment_id = $1)),
       version = version + 1, changed_at = $2, changed_by = $3
WHERE id = $1 AND state = 'active'
  AND NOT EXISTS (SELECT FROM step WHERE enrolment_id = $1 AND state IN ('planned', 'due', 'overdue', 'paused'))
RETURNING *
"""
_CHANGE = "UPDATE enrolment SET version = version + 1, changed_at = $2, changed_by = $3"
_LEAVE = f"{_CHANGE}, state = 'left', closed_at = $2, leave_reason = $4 WHERE id = $1 RETURNING *"
_RESTATE = f"{_CHANGE}, state = $4, closed_at = NULL WHERE id = $1 RETURNING *"
_SITUATE = f"{_CHANGE}, facts = $4, dates = $5::text::jsonb, told_dates = $6 WHERE id = $1 RETURNING *"
_MIGRATE = (
    f"{_CHANGE}, template_version = $4, label = $5, facts = $6, dates = $7::text::jsonb, told_dates = $8 "
    "WHERE id = $1 RETURNING *"
)


async def add(work: Work, row: Enrolment) -> bool:
    """Answers False when the patient is on this pathway already."""
    pathway = (row.template, row.template_version, row.label, row.started_on, row.created_at)
    situation = (row.facts, json_of(row.dates), row.told_dates, json_of(row.criteria), row.changed_by)
    values = (row.id, row.territory, row.patient_id, *pathway, *situation)
    return await work.execute(_ADD, *values) == "INSERT 0 1"


async def find(work: Work, enrolment_id: UUID) -> Record | None:
    return await work.fetchrow(_FIND, enrolment_id)


async def find_running(work: Work, patient_id: UUID, template: str) -> UUID | None:
    found: UUID | None = await work.fetchval(_FIND_RUNNING, patient_id, template)
    return found


async def lock_running(work: Work, patient_id: UUID) -> list[Record]:
    """Every pathway that the patient is on, for this transaction alone."""
    return await work.fetch(_LOCK_RUNNING, work.territory, patient_id)


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


async def complete_when_over(work: Work, enrolment_id: UUID, by: str) -> Record | None:
    """Closes the enrolment when no step is left to do, and answers it if so."""
    return await work.fetchrow(_COMPLETE, enrolment_id, work.now, by)


async def leave(work: Work, enrolment_id: UUID, by: str, reason: str) -> Record:
    return await _changed(work, _LEAVE, enrolment_id, by, reason)


async def restate(work: Work, enrolment_id: UUID, by: str, state: str) -> Record:
    """Gives a running enrolment, or one that goes on after all, its state."""
    return await _changed(work, _RESTATE, enrolment_id, by, state)


async def situate(
    work: Work, enrolment_id: UUID, by: str, *, facts: list[str], dates: Mapping[str, date], told: list[str]
) -> Record:
    """Keeps what holds of the patient, and the named days."""
    return await _changed(work, _SITUATE, enrolment_id, by, facts, json_of(dates), told)


async def migrate(
    work: Work, enrolment_id: UUID, by: str, template: Template, *, facts: list[str], told: Mapping[str, date]
) -> Record:
    """Puts the enrolment under this version of its pathway."""
    (row,) = await work.fetch("SELECT started_on FROM enrolment WHERE id = $1", enrolment_id)
    days = json_of(template.days(row["started_on"], told))
    return await _changed(work, _MIGRATE, enrolment_id, by, template.version, template.label, facts, days, sorted(told))


def days_of(enrolment: Record) -> dict[str, date]:
    """The named days of an enrolment."""
    return {code: date.fromisoformat(day) for code, day in enrolment["dates"].items()}


def json_of(value: object) -> str:
    return orjson.dumps(value).decode()


async def _changed(work: Work, statement: str, enrolment_id: UUID, by: str, *values: object) -> Record:
    (row,) = await work.fetch(statement, enrolment_id, work.now, by, *values)
    return row
