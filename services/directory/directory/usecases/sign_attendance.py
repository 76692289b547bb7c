"""The attendance sheet of a meeting (*feuille d'émargement*)."""

from collections.abc import Sequence
from uuid import UUID

from directory.domain.as_of import paris_day
from directory.domain.association import Association, Proxies
from directory.domain.attendance import Attendee, refusal
from directory.store import meetings, members
from directory.usecases.find_meeting import MeetingView, find_convened, show_meeting, voters
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import Problem
from kit.work import Work


async def sign_attendance(
    work: Work, caller: Caller, keyring: Keyring, rules: Association, *, meeting_id: UUID, sheet: Sequence[Attendee]
) -> MeetingView:
    """The whole sheet, replacing the one before. Votes that are open keep the roll they were opened with.

    Raises Problem 404, 409 `meeting_over` or the rule that the sheet breaks (`too_many_proxies` ...).
    """
    meeting = await find_convened(work, meeting_id)
    day = paris_day(meeting["starts_at"])
    standing = await members.standing(work, day)
    colleges = {row["id"]: row["college"] for row in standing}
    who = frozenset(await voters(work, rules, meeting["kind"], day))
    kind = rules.meetings.get(meeting["kind"])
    proxies = kind.votes.proxies if kind and kind.votes else Proxies(most=0, same_college=False)
    if refused := refusal(sheet, colleges, who, proxies):
        raise Problem(409, *refused)
    await meetings.set_attendance(work, meeting_id, sheet, caller.subject)
    return await show_meeting(work, keyring, meeting_id)
