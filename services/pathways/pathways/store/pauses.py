"""Rows of pauses."""

from datetime import date
from uuid import UUID

from kit.work import Record, Work
from pathways.domain.dating import Pause

_ADD = """
INSERT INTO pause (id, territory, enrolment_id, reason, from_on, until_on, version, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8)
"""
_OF_ENROLMENT = "SELECT * FROM pause WHERE enrolment_id = $1 ORDER BY from_on, id"
_RUNNING = "SELECT * FROM pause WHERE enrolment_id = $1 AND resumed_at IS NULL"
_END = """
UPDATE pause SET until_on = greatest(from_on, $2), resumed_at = $3, version = version + 1, changed_at = $3,
       changed_by = $4
WHERE enrolment_id = $1 AND resumed_at IS NULL
"""
_OVER = """
SELECT pause.enrolment_id, pause.until_on, pause.territory FROM pause
JOIN enrolment ON enrolment.id = pause.enrolment_id
WHERE pause.resumed_at IS NULL AND pause.until_on <= $1 AND enrolment.state = 'paused'
ORDER BY pause.until_on LIMIT $2 FOR UPDATE OF enrolment SKIP LOCKED
"""


async def add(work: Work, enrolment_id: UUID, by: str, *, reason: str, from_on: date, until_on: date) -> None:
    await work.execute(_ADD, work.new_id(), work.territory, enrolment_id, reason, from_on, until_on, work.now, by)


async def of_enrolment(work: Work, enrolment_id: UUID) -> list[Record]:
    return await work.fetch(_OF_ENROLMENT, enrolment_id)


async def days(work: Work, enrolment_id: UUID) -> tuple[Pause, ...]:
    """The pauses of an enrolment, as dates are counted."""
    return tuple(Pause(row["from_on"], row["until_on"]) for row in await of_enrolment(work, enrolment_id))


async def running(work: Work, enrolment_id: UUID) -> Record | None:
    """The pause that runs."""
    return await work.fetchrow(_RUNNING, enrolment_id)


async def end(work: Work, enrolment_id: UUID, by: str, until_on: date) -> None:
    """The pause that runs ends on this day, earlier or later than was said."""
    await work.execute(_END, enrolment_id, until_on, work.now, by)


async def over(work: Work, today: date, limit: int) -> list[Record]:
    """Paused enrolments of every territory whose pause has passed, locked; another runner's are left to it."""
    return await work.fetch(_OVER, today, limit)
