"""A meeting was held, or is cancelled."""

from collections import Counter
from uuid import UUID

from contracts.directory import AttendanceCount, MeetingHeld
from directory.domain.association import Association
from directory.store import ballots, meetings
from directory.usecases.find_meeting import TABLE, MeetingView, find_convened, show_meeting
from kit import rows
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import Problem
from kit.work import Record, Work


async def end_meeting(
    work: Work, caller: Caller, keyring: Keyring, rules: Association, *, meeting_id: UUID, held: bool
) -> MeetingView:
    """It was held (told by `meeting.held`), or is cancelled.

    Raises Problem 404, 409 `meeting_over`, `ballot_open`, `not_started`.
    """
    meeting = await find_convened(work, meeting_id)
    if any(row["state"] == "open" for row in await ballots.of_meeting(work, meeting_id)):
        raise Problem(409, "ballot_open", "Close the vote first")
    if held and meeting["starts_at"] > work.now:
        raise Problem(409, "not_started", "The meeting has not begun")
    await rows.change(work, TABLE, meeting_id, caller.subject, state="held" if held else "cancelled")
    if held:
        await _tell(work, rules, meeting)
    return await show_meeting(work, keyring, meeting_id)


async def _tell(work: Work, rules: Association, meeting: Record) -> None:
    sheet = await meetings.attendance(work, meeting["id"])
    present = Counter((line["college"], line["profession"]) for line in sheet if line["status"] == "present")
    order = sorted(present.items(), key=lambda it: (it[0][0] or 0, it[0][1] or ""))
    known = rules.meetings.get(meeting["kind"])
    work.emit(
        MeetingHeld(
            meeting_id=meeting["id"],
            kind=meeting["kind"],
            body=known.body if known else "other",
            starts_at=meeting["starts_at"],
            present=tuple(AttendanceCount(college=c, profession=p, count=number) for (c, p), number in order),
            represented=sum(line["status"] == "represented" for line in sheet),
        ),
        version=meeting["version"] + 1,
    )
