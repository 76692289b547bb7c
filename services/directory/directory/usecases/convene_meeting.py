"""A meeting of the association is convened."""

from typing import Any

from directory.domain.association import Association
from directory.store import meetings
from directory.usecases.find_meeting import MeetingView, show_meeting
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import field_problem
from kit.work import Work


async def convene(
    work: Work, caller: Caller, keyring: Keyring, rules: Association, asked: dict[str, Any]
) -> MeetingView:
    """One more meeting. Raises Problem 422 `meeting_kind_unknown`."""
    if asked["kind"] not in rules.meetings:
        raise field_problem("kind", "meeting_kind_unknown", f"One of {', '.join(rules.meetings)}")
    return await show_meeting(work, keyring, await meetings.add(work, asked, caller.subject))
