"""Rows of steps."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from pathways.domain.dating import Window
from pathways.store.standing import Sight
from pathways.store.tables import StepRow

_ADD = """
INSERT INTO step (id, territory, enrolment_id, position, key, code, occurrence, label, role,
                  anchor, from_days, to_days, from_on, due_on, due_at, state, version, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 'planned', 1, $16)
"""
_OF_ENROLMENT = "SELECT * FROM step WHERE enrolment_id = $1 ORDER BY position"
_WITH_ENROLMENT = """
SELECT step.*, enrolment.template, enrolment.patient_id FROM step JOIN enrolment ON enrolment.id = step.enrolment_id
"""
_FIND = _WITH_ENROLMENT + "WHERE step.id = $1"
_LIST = (
    _WITH_ENROLMENT
    + """
WHERE ($1::text IS NULL OR step.state = $1)
  AND ($2::text IS NULL OR step.role = $2)
  AND ($3::text IS NULL OR enrolment.template = $3)
  AND ($4::timestamptz IS NULL OR step.due_at <= $4)
  AND ($5::timestamptz IS NULL OR (step.due_at, step.id) > ($5, $6::uuid))
  AND {seen}
ORDER BY step.due_at, step.id LIMIT $7
"""
)
_CLOSE = """
UPDATE step SET state = $2, done_at = $3, skip_reason = $4, version = step.version + 1, changed_at = $5
FROM enrolment WHERE step.id = $1 AND step.state IN ('planned', 'overdue') AND enrolment.id = step.enrolment_id
RETURNING step.*, enrolment.template, enrolment.patient_id
"""
_MOVE = """
UPDATE step SET from_on = $3, due_on = $4, due_at = $5, version = version + 1, changed_at = $6
WHERE enrolment_id = $1 AND key = $2 AND state = 'planned'
"""
_CANCEL = """
UPDATE step SET state = 'cancelled', version = version + 1, changed_at = $2
WHERE enrolment_id = $1 AND state IN ('planned', 'overdue')
"""
# Set-based, and safe with several runners: a row that another one has in hand is left to it.
_RAISE_OVERDUE = """
WITH due AS (
  SELECT id FROM step WHERE state = 'planned' AND due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE step SET state = 'overdue', overdue_at = $1, version = step.version + 1, changed_at = $1
FROM due, enrolment WHERE step.id = due.id AND enrolment.id = step.enrolment_id
RETURNING step.id, step.territory, step.enrolment_id, enrolment.template, step.key, step.role, step.due_at, step.version
"""


async def add(work: Work, rows: list[StepRow]) -> None:
    await work.executemany(_ADD, [_values(row) for row in rows])


def _values(row: StepRow) -> tuple[object, ...]:
    what = (row.position, row.key, row.code, row.occurrence, row.label, row.role)
    when = (row.anchor, row.from_days, row.to_days, row.from_on, row.due_on, row.due_at)
    return (row.id, row.territory, row.enrolment_id, *what, *when, row.changed_at)


async def of_enrolment(work: Work, enrolment_id: UUID) -> list[Record]:
    """In the order of the template."""
    return await work.fetch(_OF_ENROLMENT, enrolment_id)


async def find(work: Work, step_id: UUID) -> Record | None:
    return await work.fetchrow(_FIND, step_id)


async def several(
    work: Work,
    sight: Sight,
    *,
    state: str | None,
    role: str | None,
    template: str | None,
    due_before: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Record]:
    """Those in sight; what is due first comes first."""
    due, last = after or (None, None)
    wanted = (state, role, template, due_before, due, last, limit)
    return await work.fetch(_LIST.format(seen=sight.condition(8)), *wanted, *sight.args)


async def close(
    work: Work, step_id: UUID, state: str, *, done_at: datetime | None = None, skip_reason: str | None = None
) -> Record | None:
    """Ends an open step and answers it, None when it was closed before."""
    return await work.fetchrow(_CLOSE, step_id, state, done_at, skip_reason, work.now)


async def move(work: Work, enrolment_id: UUID, windows: Mapping[str, Window]) -> None:
    """Gives planned steps, by key, another window. What is overdue stays so."""
    rows = [(enrolment_id, key, it.from_on, it.due_on, it.due_at, work.now) for key, it in windows.items()]
    await work.executemany(_MOVE, rows)


async def cancel_open(work: Work, enrolment_id: UUID) -> None:
    await work.execute(_CANCEL, enrolment_id, work.now)


async def raise_overdue(work: Work, limit: int) -> list[Record]:
    """Marks planned steps whose time has passed, of every territory, and answers them."""
    return await work.fetch(_RAISE_OVERDUE, work.now, limit)
