"""Rows of steps."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from pathways.domain.dating import Window
from pathways.domain.layout import Occurrence
from pathways.domain.replanning import Shift
from pathways.store.tables import StepRow

_ADD = """
INSERT INTO step (id, territory, enrolment_id, position, key, code, occurrence, label, role, gravity,
                  anchor, anchor_date, from_days, to_days, from_on, due_on, opens_at, due_at, state, version, rung,
                  changed_at, changed_by, visit)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 1, 0, $20, $21, $22)
"""
_OF_ENROLMENT = "SELECT * FROM step WHERE enrolment_id = $1 ORDER BY position, key"
_WITH_ENROLMENT = """
SELECT step.*, enrolment.template, enrolment.patient_id FROM step JOIN enrolment ON enrolment.id = step.enrolment_id
"""
_FIND = _WITH_ENROLMENT + "WHERE step.id = $1"
_CLOSE = """
UPDATE step SET state = $2, done_at = $3, skip_reason = $4, proof = $5, proof_ref = $6, escalate_at = NULL,
       version = step.version + 1, changed_at = $7, changed_by = $8
FROM enrolment
WHERE step.id = $1 AND step.state IN ('planned', 'due', 'overdue', 'paused') AND enrolment.id = step.enrolment_id
RETURNING step.*, enrolment.template, enrolment.patient_id
"""
_REOPEN = """
UPDATE step SET state = 'planned', done_at = NULL, skip_reason = NULL, proof = NULL, proof_ref = NULL,
       overdue_at = NULL, began_at = NULL, rung = 0, version = step.version + 1, changed_at = $2, changed_by = $3
FROM enrolment
WHERE step.id = $1 AND step.state IN ('done', 'skipped') AND enrolment.id = step.enrolment_id
RETURNING step.*, enrolment.template, enrolment.patient_id
"""
# Back to a window that has not passed: it is late no more, and nobody is told further.
_SHIFT = """
UPDATE step SET from_on = $2, due_on = $3, opens_at = $4, due_at = $5, state = $6,
       overdue_at = CASE WHEN $6 = 'overdue' THEN overdue_at END,
       rung = CASE WHEN $6 = 'overdue' THEN rung ELSE 0 END,
       escalate_at = CASE WHEN $6 = 'overdue' THEN escalate_at END,
       version = version + 1, changed_at = $7, changed_by = $8
WHERE id = $1
"""
_HURRY = """
UPDATE step SET escalate_at = $2, version = version + 1, changed_at = $2, changed_by = $3
WHERE id = $1 AND state = 'overdue' AND escalate_at > $2
"""
_CHOOSE = "UPDATE step SET chosen_from = $2, chosen_due = $3 WHERE id = $1"
_FORGET_CHOICE = "UPDATE step SET chosen_from = NULL, chosen_due = NULL WHERE id = $1"
_RULE = """
UPDATE step SET position = $2, label = $3, role = $4, anchor = $5, anchor_date = $6, from_days = $7, to_days = $8,
       gravity = $9, visit = $10
WHERE id = $1
"""
_ALL_TO = """
UPDATE step SET state = $2, escalate_at = NULL, version = version + 1, changed_at = $3, changed_by = $4
WHERE enrolment_id = $1 AND state = ANY ($5)
"""
# The timers: set-based, and safe with several runners, as a row that another one has in hand is left to it. A pause
# or an end of the enrolment takes its steps out of the states that they look for.
_RAISE_DUE = """
WITH opening AS (
  SELECT id FROM step WHERE state = 'planned' AND opens_at <= $1 ORDER BY opens_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE step SET state = 'due', began_at = $1, version = step.version + 1, changed_at = $1,
       changed_by = 'raise-due-steps'
FROM opening, enrolment WHERE step.id = opening.id AND enrolment.id = step.enrolment_id
RETURNING step.*, enrolment.template
"""
_LADDER = """
JOIN step ON step.id = late.id
JOIN enrolment ON enrolment.id = step.enrolment_id
LEFT JOIN template_version kept ON kept.territory = enrolment.territory AND kept.template = enrolment.template
  AND kept.version = enrolment.template_version
"""
_ON = "(step.due_on + 1 + told.after_days)::timestamp AT TIME ZONE 'Europe/Paris'"
_RAISE_OVERDUE = f"""
WITH late AS (
  SELECT id FROM step WHERE state = 'due' AND due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
), told AS (
  SELECT step.id, enrolment.template, (kept.ladders -> step.code -> 0 ->> 'after_days')::int AS after_days
  FROM late {_LADDER}
)
UPDATE step SET state = 'overdue', overdue_at = $1, rung = 0, escalate_at = {_ON}, pathway = told.template,
       version = step.version + 1, changed_at = $1, changed_by = 'raise-overdue-steps'
FROM told WHERE step.id = told.id RETURNING step.*, told.template
"""
_ESCALATE = f"""
WITH late AS (
  SELECT id FROM step WHERE state = 'overdue' AND escalate_at <= $1 ORDER BY escalate_at LIMIT $2
  FOR UPDATE SKIP LOCKED
), told AS (
  SELECT step.id, enrolment.template, kept.ladders -> step.code -> step.rung::int ->> 'role' AS told_role,
         (kept.ladders -> step.code -> (step.rung + 1) ->> 'after_days')::int AS after_days
  FROM late {_LADDER}
)
UPDATE step SET rung = rung + 1, escalate_at = {_ON},
       version = step.version + 1, changed_at = $1, changed_by = 'escalate-steps'
FROM told WHERE step.id = told.id RETURNING step.*, told.template, told.told_role
"""


async def add(work: Work, rows: list[StepRow]) -> None:
    await work.executemany(_ADD, [_values(row) for row in rows])


def _values(row: StepRow) -> tuple[object, ...]:
    what = (row.position, row.key, row.code, row.occurrence, row.label, row.role, row.gravity)
    when = (row.anchor, row.anchor_date, row.from_days, row.to_days, row.from_on, row.due_on, row.opens_at, row.due_at)
    return (row.id, row.territory, row.enrolment_id, *what, *when, row.state, row.changed_at, row.changed_by, row.visit)


async def of_enrolment(work: Work, enrolment_id: UUID, *, lock: bool = False) -> list[Record]:
    """In the order of the template; with `lock` for this transaction alone, so that no timer comes between."""
    return await work.fetch(_OF_ENROLMENT + (" FOR UPDATE" if lock else ""), enrolment_id)


async def find(work: Work, step_id: UUID) -> Record | None:
    return await work.fetchrow(_FIND, step_id)


async def close(
    work: Work,
    step_id: UUID,
    by: str,
    state: str,
    *,
    done_at: datetime | None = None,
    skip_reason: str | None = None,
    proof: str | None = None,
    proof_ref: str | None = None,
) -> Record | None:
    """Ends an open step and answers it, None when it was closed before."""
    return await work.fetchrow(_CLOSE, step_id, state, done_at, skip_reason, proof, proof_ref, work.now, by)


async def reopen(work: Work, step_id: UUID, by: str) -> Record | None:
    """A step that was done or skipped is to be done after all; None when it is neither."""
    return await work.fetchrow(_REOPEN, step_id, work.now, by)


async def choose(work: Work, step_id: UUID, window: Window) -> None:
    """Keeps the days that somebody chose. The step has its window by `shift`."""
    await work.execute(_CHOOSE, step_id, window.from_on, window.due_on)


async def forget_choice(work: Work, step_id: UUID) -> None:
    """It follows its rule again."""
    await work.execute(_FORGET_CHOICE, step_id)


async def shift(work: Work, by: str, shifted: Iterable[Shift]) -> None:
    """Gives steps another window and state."""
    rows = [
        (it.step.id, it.window.from_on, it.window.due_on, it.window.opens_at, it.window.due_at, it.state, work.now, by)
        for it in shifted
    ]
    await work.executemany(_SHIFT, rows)


async def rule(work: Work, laid_out: Iterable[tuple[UUID, int, Occurrence]]) -> None:
    """Gives steps, each with its place, what another version of the pathway says of them."""
    rows = [
        (
            step_id,
            position,
            it.step.label,
            it.step.role,
            it.rule.anchor,
            it.rule.date,
            it.rule.from_days,
            it.rule.to_days,
            it.step.gravity,
            it.step.visit,
        )
        for step_id, position, it in laid_out
    ]
    await work.executemany(_RULE, rows)


async def all_to(work: Work, enrolment_id: UUID, by: str, state: str, *states: str) -> None:
    """Every step of the enrolment that is in one of `states` goes to `state`."""
    await work.execute(_ALL_TO, enrolment_id, state, work.now, by, list(states))


async def cancel_open(work: Work, enrolment_id: UUID, by: str) -> None:
    await all_to(work, enrolment_id, by, "cancelled", "planned", "due", "overdue", "paused")


async def raise_due(work: Work, limit: int) -> list[Record]:
    """Marks planned steps whose window has opened, of every territory, and answers them."""
    return await work.fetch(_RAISE_DUE, work.now, limit)


async def raise_overdue(work: Work, limit: int) -> list[Record]:
    """Marks due steps whose time has passed, of every territory, and answers them."""
    return await work.fetch(_RAISE_OVERDUE, work.now, limit)


async def escalate(work: Work, limit: int) -> list[Record]:
    """Takes the next rung of steps that stay overdue, of every territory; `told_role` of each is who is told."""
    return await work.fetch(_ESCALATE, work.now, limit)


async def hurry(work: Work, step_id: UUID, by: str) -> None:
    """Of an overdue step, the next who answers for it is told at once, if there is a next one."""
    await work.execute(_HURRY, step_id, work.now, by)
