"""An alarm is acknowledged by one of those who are asked, and closed with what came of it."""

from typing import Any, Literal
from uuid import UUID

from contracts.coordination import AlarmAcknowledged, AlarmClosed
from kit import rows
from kit.problems import Problem, or_404
from kit.work import Record, Work
from pathways.store import alarms
from pathways.usecases.access import Access
from pathways.usecases.put_alarm import naming

AlarmState = Literal["raised", "acknowledged", "closed"]
Outcome = Literal["advice", "treatment_changed", "visit", "emergency", "false_alarm", "other"]


async def find_alarm(work: Work, access: Access, alarm_id: UUID, action: str, *, lock: bool = False) -> Record:
    """For who is or was asked, and who may see clinical content of the patient. Recorded. Raises Problem 403 to 410."""
    row = await rows.find(work, alarms.TABLE, alarm_id, lock=lock)
    found = or_404(row, "alarm_unknown", "No such alarm on this territory")
    if not _is_asked(access, found):
        await access.check(found["patient_id"], "clinical", enrolment_id=found["enrolment_id"], action=action)
        return found
    standing = await access.standing(found["patient_id"], found["enrolment_id"])
    if standing.objected or standing.restricted or standing.sharing == "withdrawn":
        raise Problem(403, "access_refused", "The patient objects, or took the consent back")
    await access.record(action, "clinical", "care", found["patient_id"])
    return found


async def list_alarms(
    work: Work, access: Access, state: AlarmState | None, *, after: UUID | None, limit: int
) -> list[Record]:
    """Those that one is asked now, or acknowledged; the newest first, one more than `limit`."""
    rpps = access.caller.rpps or ""
    mine = ("(turns @> ARRAY[?::text] AND turns[turn + 1] = ? OR acknowledged_by = ANY(?))", rpps, rpps, access.people)
    filters: list[tuple[Any, ...]] = [mine, ("state = ?", state)]
    return await rows.listed(work, alarms.TABLE, filters, latest_first=True, after=after, limit=limit + 1)


async def alarms_of_patient(
    work: Work, access: Access, patient_id: UUID, *, after: UUID | None, limit: int
) -> list[Record]:
    """Of the pathways that the caller sees; the newest first, one more than `limit`. Raises Problem 403, 404 or 410."""
    await access.check(patient_id, "clinical")
    return await alarms.of_patient(work, access.sight("clinical", patient_id), patient_id, after, limit + 1)


async def handovers_of(work: Work, alarm_id: UUID) -> list[Record]:
    """Who was asked when, and why; the oldest first."""
    return await alarms.handovers(work, alarm_id)


async def acknowledge_alarm(work: Work, access: Access, alarm_id: UUID) -> Record:
    """The first of those who are or were asked takes it. Raises Problem 403, 404, 409 `alarm_taken` or 410."""
    row = await find_alarm(work, access, alarm_id, "acknowledge_alarm", lock=True)
    await _check_may(access, row)
    if row["state"] != "raised":
        raise Problem(409, "alarm_taken", "Somebody took it before", by=row["acknowledged_by"], state=row["state"])
    who = access.people[-1]
    values = {"state": "acknowledged", "acknowledged_at": work.now, "acknowledged_by": who, "next_at": None}
    changed = await rows.change(work, alarms.TABLE, alarm_id, access.caller.subject, **values)
    await alarms.hand_over(work, changed, access.caller.rpps, "acknowledged")
    minutes = int((work.now - row["raised_at"]).total_seconds() // 60)
    told = AlarmAcknowledged(**naming(row), turn=row["turn"], minutes=minutes)
    work.emit(told, version=changed["version"])
    return changed


async def close_alarm(work: Work, access: Access, alarm_id: UUID, outcome: Outcome) -> Record:
    """By who may acknowledge it, once somebody did.

    Raises Problem 403, 404, 409 `alarm_open` or `alarm_closed`, or 410.
    """
    row = await find_alarm(work, access, alarm_id, "close_alarm", lock=True)
    await _check_may(access, row)
    if row["state"] == "raised":
        raise Problem(409, "alarm_open", "Acknowledge it first")
    if row["state"] == "closed":
        raise Problem(409, "alarm_closed", "It was closed before", outcome=row["outcome"])
    values = {"state": "closed", "closed_at": work.now, "closed_by": access.people[-1], "outcome": outcome}
    changed = await rows.change(work, alarms.TABLE, alarm_id, access.caller.subject, **values)
    work.emit(AlarmClosed(**naming(row), outcome=outcome), version=changed["version"])
    return changed


async def _check_may(access: Access, row: Record) -> None:
    if not _is_asked(access, row):
        await access.check(row["patient_id"], "clinical", "write", enrolment_id=row["enrolment_id"])


def _is_asked(access: Access, row: Record) -> bool:
    return access.caller.rpps is not None and access.caller.rpps in row["turns"][: row["turn"] + 1]
