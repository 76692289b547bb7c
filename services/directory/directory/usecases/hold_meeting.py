"""Meetings of the association: convened, with an attendance sheet, held."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.directory import AttendanceCount, MeetingHeld
from directory.domain.as_of import paris_day
from directory.domain.association import BOARD, BUREAU, Association, Proxies
from directory.domain.attendance import Attendee, refusal
from directory.store import ballots, mandates, meetings, members
from directory.store.members import MemberFilter
from directory.usecases.find_member import opened
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import Problem, field_problem
from kit.work import Record, Work

_ALL = 10_000


@dataclass(frozen=True)
class MeetingView:
    """A meeting with its sheet (name, line) and ballots."""

    row: Record
    agenda: list[dict[str, Any]]
    sheet: list[tuple[str | None, Record]]
    ballots: list[Record]


async def convene(
    work: Work, caller: Caller, keyring: Keyring, rules: Association, asked: dict[str, Any]
) -> MeetingView:
    """One more meeting. Raises Problem 422 `meeting_kind_unknown`."""
    if asked["kind"] not in rules.meetings:
        raise field_problem("kind", "meeting_kind_unknown", f"One of {', '.join(rules.meetings)}")
    meeting_id = await meetings.add(work, asked, caller.subject)
    return await show_meeting(work, keyring, meeting_id)


async def find_meeting(work: Work, meeting_id: UUID, *, lock: bool = False) -> Record:
    """Raises Problem 404."""
    found = await meetings.find(work, meeting_id, lock=lock)
    if found is None:
        raise Problem(404, "meeting_unknown", "No such meeting on this territory")
    return found


async def show_meeting(work: Work, keyring: Keyring, meeting_id: UUID) -> MeetingView:
    """Raises Problem 404."""
    row = await find_meeting(work, meeting_id)
    sheet = await meetings.attendance(work, meeting_id)
    named = [(opened(line, keyring, line["member_id"]), line) for line in sheet]
    return MeetingView(row, json.loads(row["agenda"]), named, await ballots.of_meeting(work, meeting_id))


async def list_meetings(work: Work, kind: str | None, before: tuple[datetime, UUID] | None, limit: int) -> list[Record]:
    """The latest first, one more than `limit` when there are more."""
    return await meetings.search(work, kind, before, limit + 1)


async def sign_attendance(
    work: Work, caller: Caller, keyring: Keyring, rules: Association, *, meeting_id: UUID, sheet: Sequence[Attendee]
) -> MeetingView:
    """The whole sheet, replacing the one before. Votes that are open keep the roll they were opened with.

    Raises Problem 404, 409 `meeting_over` or the rule that the sheet breaks (`too_many_proxies` ...).
    """
    meeting = await _convened(work, meeting_id)
    day = paris_day(meeting["starts_at"])
    standing = await members.search(work, MemberFilter(day), year=day.year, until=None, after=None, limit=_ALL)
    colleges = {row["id"]: row["college"] for row in standing}
    who = frozenset(await voters(work, rules, meeting["kind"], day))
    kind = rules.meetings.get(meeting["kind"])
    proxies = kind.votes.proxies if kind and kind.votes else Proxies(most=0, same_college=False)
    if refused := refusal(sheet, colleges, who, proxies):
        raise Problem(409, *refused)
    await meetings.set_attendance(work, meeting_id, sheet, caller.subject)
    return await show_meeting(work, keyring, meeting_id)


async def voters(work: Work, rules: Association, kind: str, day: date) -> dict[UUID, int | None]:
    """Who has a vote in a meeting of this kind on that day, with their college."""
    known = rules.meetings.get(kind)
    if known is None or known.votes is None:
        return {}
    if known.body in (BOARD, BUREAU):
        return {
            row["member_id"]: row["college"]
            for row in await mandates.sitting(work, day, None)
            if row["body"] == known.body
        }
    return {row["id"]: row["college"] for row in await members.entitled(work, day)}


async def end_meeting(
    work: Work, caller: Caller, keyring: Keyring, rules: Association, *, meeting_id: UUID, held: bool
) -> MeetingView:
    """It was held (told by `meeting.held`), or is cancelled.

    Raises Problem 404, 409 `meeting_over`, `ballot_open`, `not_started`.
    """
    meeting = await _convened(work, meeting_id)
    if any(row["state"] == "open" for row in await ballots.of_meeting(work, meeting_id)):
        raise Problem(409, "ballot_open", "Close the vote first")
    if held and meeting["starts_at"] > work.now:
        raise Problem(409, "not_started", "The meeting has not begun")
    await meetings.set_state(work, meeting_id, "held" if held else "cancelled", caller.subject)
    if held:
        await _tell(work, rules, meeting)
    return await show_meeting(work, keyring, meeting_id)


async def _convened(work: Work, meeting_id: UUID) -> Record:
    meeting = await find_meeting(work, meeting_id, lock=True)
    if meeting["state"] != "convened":
        raise Problem(409, "meeting_over", f"The meeting is {meeting['state']}")
    return meeting


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
