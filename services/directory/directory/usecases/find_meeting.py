"""A meeting of the association: with its sheet and votes, or alone; the list of them; who votes in it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from directory.domain.association import BOARD, BUREAU, Association
from directory.store import ballots, mandates, meetings, members
from directory.usecases.find_member import opened
from kit import rows
from kit.crypto import Keyring
from kit.problems import Problem, or_404
from kit.work import Record, Work

TABLE = "meeting"


@dataclass(frozen=True)
class MeetingView:
    """A meeting with its sheet (name, line) and ballots."""

    row: Record
    agenda: list[dict[str, Any]]
    sheet: list[tuple[str | None, Record]]
    ballots: list[Record]


async def find_meeting(work: Work, meeting_id: UUID, *, lock: bool = False) -> Record:
    """Raises Problem 404."""
    return or_404(await rows.find(work, TABLE, meeting_id, lock=lock), "meeting_unknown")


async def find_convened(work: Work, meeting_id: UUID) -> Record:
    """Locked, and neither held nor cancelled. Raises Problem 404, 409 `meeting_over`."""
    meeting = await find_meeting(work, meeting_id, lock=True)
    if meeting["state"] != "convened":
        raise Problem(409, "meeting_over", f"The meeting is {meeting['state']}")
    return meeting


async def show_meeting(work: Work, keyring: Keyring, meeting_id: UUID) -> MeetingView:
    """Raises Problem 404."""
    row = await find_meeting(work, meeting_id)
    sheet = await meetings.attendance(work, meeting_id)
    named = [(opened(line, keyring, line["member_id"]), line) for line in sheet]
    return MeetingView(row, row["agenda"], named, await ballots.of_meeting(work, meeting_id))


async def list_meetings(work: Work, kind: str | None, before: tuple[datetime, UUID] | None, limit: int) -> list[Record]:
    """The latest first, one more than `limit` when there are more."""
    order = ("starts_at", "id")
    filters = [("kind = ?", kind)]
    return await rows.listed(work, TABLE, filters, order=order, latest_first=True, after=before, limit=limit + 1)


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
