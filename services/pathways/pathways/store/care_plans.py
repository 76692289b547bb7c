"""Rows of personal care plans."""

from datetime import datetime
from uuid import UUID

from kit import rows
from kit.work import Record, Work

PLAN, RECIPIENT = "care_plan", "care_plan_recipient"
_LATEST = "SELECT * FROM care_plan WHERE territory = $1 AND enrolment_id = $2 ORDER BY number DESC LIMIT 1"
_STANDING = """
SELECT * FROM care_plan WHERE territory = $1 AND enrolment_id = $2 AND withdrawn_at IS NULL
ORDER BY number DESC LIMIT 1
"""
_BEFORE = """
SELECT * FROM care_plan WHERE territory = $1 AND enrolment_id = $2 AND number < $3 ORDER BY number DESC LIMIT 1
"""
_LATEST_FOR = """
SELECT p.* FROM care_plan p JOIN care_plan_recipient c ON c.plan_id = p.id AND c.person = $3
WHERE p.territory = $1 AND p.enrolment_id = $2 AND p.withdrawn_at IS NULL ORDER BY p.number DESC LIMIT 1
"""
_RECIPIENTS = "SELECT * FROM care_plan_recipient WHERE territory = $1 AND plan_id = $2 ORDER BY id"
_MINE = """
SELECT * FROM care_plan_recipient WHERE territory = $1 AND plan_id = $2 AND person = ANY($3)
ORDER BY person LIMIT 1 FOR UPDATE
"""
_COUNTS = """
r.*, (SELECT count(*) FROM care_plan_recipient c WHERE c.plan_id = r.id) AS recipients,
     (SELECT count(acknowledged_at) FROM care_plan_recipient c WHERE c.plan_id = r.id) AS acknowledged
"""
# Readers of the pathway, of this enrolment or of all: a place that a broken glass gave is none.
_TEAM = """
SELECT * FROM team_member
WHERE territory = $1 AND patient_id = $2 AND (enrolment_id IS NULL OR enrolment_id = $3) AND basis <> 'emergency'
  AND starts_at <= $4 AND (ends_at IS NULL OR ends_at > $4)
ORDER BY id
"""


async def latest(work: Work, enrolment_id: UUID) -> Record | None:
    """The newest version, withdrawn or not."""
    return await work.fetchrow(_LATEST, work.territory, enrolment_id)


async def latest_standing(work: Work, enrolment_id: UUID) -> Record | None:
    """The newest version that was not withdrawn."""
    return await work.fetchrow(_STANDING, work.territory, enrolment_id)


async def latest_for(work: Work, enrolment_id: UUID, person: str) -> Record | None:
    """The newest version that stands and is for this person."""
    return await work.fetchrow(_LATEST_FOR, work.territory, enrolment_id, person)


async def before(work: Work, enrolment_id: UUID, number: int) -> Record | None:
    """The version before this one."""
    return await work.fetchrow(_BEFORE, work.territory, enrolment_id, number)


async def recipients(work: Work, plan_id: UUID) -> list[Record]:
    return await work.fetch(_RECIPIENTS, work.territory, plan_id)


async def lock_own(work: Work, plan_id: UUID, people: list[str]) -> Record | None:
    """The line of a recipient who goes by one of these names."""
    return await work.fetchrow(_MINE, work.territory, plan_id, people)


async def team(work: Work, patient_id: UUID, enrolment_id: UUID, at: datetime) -> list[Record]:
    """Who cares for the patient on this pathway."""
    return await work.fetch(_TEAM, work.territory, patient_id, enrolment_id, at)


async def listed(work: Work, enrolment_id: UUID, after: int | None, limit: int) -> list[Record]:
    """The newest first, with how many they are for and how many said that they read them."""
    wanted = [("enrolment_id = ?", enrolment_id), ("number < ?", after)]
    return await rows.listed(
        work, PLAN, wanted, columns=_COUNTS, order=("number",), latest_first=True, after=None, limit=limit
    )
