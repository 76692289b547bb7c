"""A member leaves the association; the mandates end with the membership."""

from datetime import date
from uuid import UUID

from contracts.directory import MemberLeft
from directory.domain.as_of import paris_day
from directory.store import mandates
from directory.usecases.find_member import MemberView, find_member
from kit import rows
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import Problem, field_problem
from kit.work import Work

LEFT = "left_association"


async def leave_association(
    work: Work, caller: Caller, keyring: Keyring, member_id: UUID, *, left_on: date, reason: str
) -> MemberView:
    """The membership ends on that day, told by `member.left`. Raises Problem 404, 409 `left_already`, 422."""
    found = await find_member(work, keyring, member_id, lock=True)
    if found.left_on is not None:
        raise Problem(409, "left_already", f"Left on {found.left_on}")
    if not found.joined_on <= left_on <= paris_day(work.now):
        raise field_problem("left_on", "day_out_of_range", "Between the day of joining and today")
    for row in await mandates.of_member(work, member_id, left_on):
        # One that was to begin later ends the day it would have begun: it never ran.
        last = max(left_on, row["started_on"])
        await rows.change(work, "mandate", row["id"], caller.subject, ended_on=last, end_reason=LEFT)
    await rows.change(work, "member", member_id, caller.subject, left_on=left_on, left_reason=reason)
    left = await find_member(work, keyring, member_id)
    work.emit(
        MemberLeft(
            member_id=member_id,
            kind=left.kind,
            category=left.category,
            college=left.college,
            profession=left.profession,
            joined_on=left.joined_on,
            left_on=left_on,
        ),
        version=left.version,
    )
    return left
