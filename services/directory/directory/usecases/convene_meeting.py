"""A meeting of the association is convened."""

import json
from typing import Any

from directory.domain.association import Association
from directory.usecases.find_meeting import TABLE, MeetingView, show_meeting
from kit import rows
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
    values = asked | {"agenda": json.dumps(asked["agenda"])}
    row = await rows.add(work, TABLE, caller.subject, **values, state="convened")
    return await show_meeting(work, keyring, row["id"])
