"""Rows of visits that steps need."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from kit.work import Record, Work

# One at a time for each step. The attempt counts those that came to nothing for the window that the step has.
_WANT = """
INSERT INTO step_visit (id, territory, step_id, enrolment_id, attempt, state, due_at, version, changed_at, changed_by)
SELECT $1, $2, $3, $4, 1 + count(*) FILTER (WHERE due_at = $5 AND state <> 'withdrawn'), 'wanted', $5, 1, $6, $7
FROM step_visit WHERE step_id = $3
ON CONFLICT (step_id) WHERE state IN ('wanted', 'asked', 'booked') DO NOTHING
"""
_WANTED = """
SELECT v.*, s.code, e.template, e.patient_id, s.state AS step_state, s.due_at = v.due_at AS same_window
FROM step_visit v JOIN step s ON s.id = v.step_id JOIN enrolment e ON e.id = v.enrolment_id
WHERE v.state = 'wanted' ORDER BY v.id LIMIT $1 FOR UPDATE OF v SKIP LOCKED
"""
_ASKED = """
UPDATE step_visit
SET state = 'asked', deadline = $2, asked_at = $3, version = version + 1, changed_at = $3, changed_by = $4
WHERE id = $1 RETURNING *
"""
# A visit that is booked stays with its step while the step is open and the visit lies in its window.
_STALE = """
SELECT v.*, s.state AS step_state, s.visit, s.due_at AS step_due_at
FROM step_visit v JOIN step s ON s.id = v.step_id JOIN enrolment e ON e.id = v.enrolment_id
JOIN patient p ON p.id = e.patient_id
LEFT JOIN enrolment_booking b ON b.enrolment_id = v.enrolment_id AND b.booking_id = v.booking_id
WHERE v.state IN ('asked', 'booked') AND (
  s.state NOT IN ('planned', 'due', 'overdue', 'paused')
  OR (v.state = 'asked' AND (s.state NOT IN ('due', 'overdue') OR s.due_at <> v.due_at))
  OR (v.state = 'booked' AND s.due_at <> v.due_at
      AND NOT coalesce(b.starts_at >= s.opens_at AND b.starts_at < s.due_at, true))
  OR p.restricted_at IS NOT NULL OR p.sealed IS NULL)
ORDER BY v.id LIMIT $1 FOR UPDATE OF v SKIP LOCKED
"""
_OF_PATIENT = """
SELECT v.* FROM step_visit v JOIN enrolment e ON e.id = v.enrolment_id
WHERE e.patient_id = $1 AND v.state IN ('asked', 'booked') FOR UPDATE OF v
"""
_END = """
UPDATE step_visit SET state = $2, reason = $3, version = version + 1, changed_at = $4, changed_by = $5
WHERE id = $1 RETURNING *
"""
_FIND = "SELECT * FROM step_visit WHERE id = $1"
_LOCK = "UPDATE step_visit SET call_end = coalesce(call_end, $2) WHERE id = $1 RETURNING *"
_RESTATE = """
UPDATE step_visit SET state = $2, booking_id = $3, version = version + 1, changed_at = $4, changed_by = $5
WHERE id = $1
"""
_LIVE = "SELECT * FROM step_visit WHERE step_id = $1 AND state IN ('wanted', 'asked', 'booked') FOR UPDATE"
_LAPSED = """
SELECT * FROM step_visit WHERE state = 'asked' AND deadline <= $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_OF_ENROLMENT = """
SELECT v.*, b.starts_at, b.ends_at, b.commune, b.mode, b.rpps, b.finess FROM step_visit v
LEFT JOIN enrolment_booking b ON b.enrolment_id = v.enrolment_id AND b.booking_id = v.booking_id
WHERE v.enrolment_id = $1 ORDER BY v.id
"""
_SHOWN = """
SELECT v.*, b.starts_at, b.ends_at, b.commune, b.mode, b.rpps, b.finess, e.patient_id, e.template, s.key, s.label
FROM step_visit v JOIN step s ON s.id = v.step_id JOIN enrolment e ON e.id = v.enrolment_id
LEFT JOIN enrolment_booking b ON b.enrolment_id = v.enrolment_id AND b.booking_id = v.booking_id
WHERE v.id = $1
"""
ANSWER_WITHIN = timedelta(hours=1)
"""After its deadline the dispatch says that a call expired; what it could not take it says nothing of."""


async def want(work: Work, steps: Iterable[Record], by: str) -> None:
    """The visit of each step is to be asked for, unless it is being asked for already."""
    rows = [(work.new_id(), it["territory"], it["id"], it["enrolment_id"], it["due_at"], work.now, by) for it in steps]
    if rows:
        await work.executemany(_WANT, rows)


async def wanted(work: Work, limit: int) -> list[Record]:
    """What is to be asked for, of every territory, locked."""
    return await work.fetch(_WANTED, limit)


async def asked(work: Work, visit_id: UUID, by: str, deadline: datetime) -> Record:
    (row,) = await work.fetch(_ASKED, visit_id, deadline, work.now, by)
    return row


async def stale(work: Work, limit: int) -> list[Record]:
    """What was asked for and is wanted no more, of every territory, locked."""
    return await work.fetch(_STALE, limit)


async def of_patient(work: Work, patient_id: UUID) -> list[Record]:
    """What is asked for or booked of a patient, locked."""
    return await work.fetch(_OF_PATIENT, patient_id)


async def end(work: Work, visit_id: UUID, by: str, state: str, reason: str | None = None) -> Record:
    (row,) = await work.fetch(_END, visit_id, state, reason, work.now, by)
    return row


async def find(work: Work, visit_id: UUID) -> Record | None:
    return await work.fetchrow(_FIND, visit_id)


async def lock(work: Work, visit_id: UUID, call_end: str | None) -> Record:
    """The row for this transaction alone, with how its call ended once that is known."""
    (row,) = await work.fetch(_LOCK, visit_id, call_end)
    return row


async def restate(work: Work, visit_id: UUID, by: str, state: str, booking_id: UUID | None) -> None:
    """The state, and the booking that says so."""
    await work.execute(_RESTATE, visit_id, state, booking_id, work.now, by)


async def live_of_step(work: Work, step_id: UUID) -> Record | None:
    return await work.fetchrow(_LIVE, step_id)


async def lapsed(work: Work, limit: int) -> list[Record]:
    """What was asked for and not answered until after its deadline, of every territory, locked."""
    return await work.fetch(_LAPSED, work.now - ANSWER_WITHIN, limit)


async def of_enrolment(work: Work, enrolment_id: UUID) -> list[Record]:
    """Every asking of an enrolment, the oldest first, with when and where its visit is."""
    return await work.fetch(_OF_ENROLMENT, enrolment_id)


async def shown(work: Work, visit_id: UUID) -> Record | None:
    """One asking, with its step and its patient's id."""
    return await work.fetchrow(_SHOWN, visit_id)
