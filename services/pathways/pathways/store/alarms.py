"""Rows of alarms, of the messages that told them, and of who was asked."""

from datetime import datetime, timedelta
from uuid import UUID

from kit.work import Record, Work
from pathways.store.standing import Sight

TABLE, REFS, PLATFORMS = "alarm", "alarm_ref", "alarm_platform"
_TAKE = """
INSERT INTO alarm_message (platform_id, message_id, territory, received_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
"""
_FORGET = """
DELETE FROM alarm_message WHERE ctid IN (SELECT ctid FROM alarm_message WHERE received_at < $1 LIMIT $2)
"""
_STANDING = """
SELECT r.*, e.template, e.template_version, e.state AS enrolment_state FROM alarm_ref r
JOIN enrolment e ON e.id = r.enrolment_id
WHERE r.territory = $1 AND r.platform_id = $2 AND r.id = $3 FOR UPDATE OF r
"""
_OF_EPISODE = """
SELECT * FROM alarm WHERE territory = $1 AND ref_id = $2 AND code = $3 AND episode_index = $4 AND state <> 'closed'
FOR UPDATE
"""
_NOT_TAKEN = """
SELECT * FROM alarm
WHERE territory = $1 AND enrolment_id = $2 AND code = $3 AND source <> 'telemonitoring' AND state = 'raised' FOR UPDATE
"""
# Not FOR UPDATE: a note that was written in the same transaction holds the key of its enrolment, as others may.
_ONE_AT_A_TIME = "SELECT FROM enrolment WHERE id = $1 FOR NO KEY UPDATE"
_REF = "SELECT * FROM alarm_ref WHERE territory = $1 AND enrolment_id = $2 AND platform_id = $3 AND ended_at IS NULL"
_HAND = """
INSERT INTO alarm_handover (id, territory, alarm_id, enrolment_id, rpps, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_HANDED = "SELECT * FROM alarm_handover WHERE territory = $1 AND alarm_id = $2 ORDER BY at, id"
_WAITING = """
SELECT * FROM alarm WHERE state = 'raised' AND next_at <= $1 ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_ADVANCE = """
UPDATE alarm SET turn = $2, next_at = $3, unanswered_at = $4, version = version + 1, changed_at = $5, changed_by = $6
WHERE id = $1 RETURNING *
"""


async def of_patient(work: Work, sight: Sight, patient_id: UUID, after: UUID | None, limit: int) -> list[Record]:
    """Of the enrolments that are in sight, the newest first."""
    return await work.fetch(
        "SELECT * FROM alarm WHERE territory = $1 AND patient_id = $2 AND ($3::uuid IS NULL OR id < $3) "
        f"AND {sight.condition(5, enrolment='alarm.enrolment_id')} ORDER BY id DESC LIMIT $4",
        *(work.territory, patient_id, after, limit),
        *sight.args,
    )


async def take_message(work: Work, platform_id: UUID, message_id: str) -> bool:
    """False for one that was taken before."""
    return await work.execute(_TAKE, platform_id, message_id, work.territory, work.now) == "INSERT 0 1"


async def forget_messages(work: Work, after: timedelta, limit: int) -> int:
    """Of every territory. Answers how many."""
    return int((await work.execute(_FORGET, work.now - after, limit)).split()[-1])


async def ref_of(work: Work, platform_id: UUID, ref: UUID) -> Record | None:
    """What the platform calls so, with its enrolment; alarms of it come one after the other."""
    return await work.fetchrow(_STANDING, work.territory, platform_id, ref)


async def standing_ref(work: Work, enrolment_id: UUID, platform_id: UUID) -> Record | None:
    return await work.fetchrow(_REF, work.territory, enrolment_id, platform_id)


async def of_episode(work: Work, ref_id: UUID, code: str, episode_index: bytes) -> Record | None:
    """The alarm of this episode that is not closed, locked."""
    return await work.fetchrow(_OF_EPISODE, work.territory, ref_id, code, episode_index)


async def one_at_a_time(work: Work, enrolment_id: UUID) -> None:
    """Whoever raises an alarm on the same pathway of a patient waits, and then sees this one."""
    await work.execute(_ONE_AT_A_TIME, enrolment_id)


async def not_taken(work: Work, enrolment_id: UUID, code: str) -> Record | None:
    """What a patient or a hospital told and nobody took, locked."""
    return await work.fetchrow(_NOT_TAKEN, work.territory, enrolment_id, code)


async def hand_over(work: Work, alarm: Record, rpps: str | None, reason: str) -> None:
    about = (alarm["territory"], alarm["id"], alarm["enrolment_id"])
    await work.execute(_HAND, work.new_id(), *about, rpps, reason, work.now)


async def handovers(work: Work, alarm_id: UUID) -> list[Record]:
    return await work.fetch(_HANDED, work.territory, alarm_id)


async def waiting(work: Work, limit: int) -> list[Record]:
    """Alarms of every territory whose time to be acknowledged is over, locked."""
    return await work.fetch(_WAITING, work.now, limit)


async def advance(
    work: Work, row: Record, by: str, *, turn: int, next_at: datetime | None, unanswered_at: datetime | None
) -> Record:
    """Somebody else is asked, or nobody is left."""
    (changed,) = await work.fetch(_ADVANCE, row["id"], turn, next_at, unanswered_at, work.now, by)
    return changed
