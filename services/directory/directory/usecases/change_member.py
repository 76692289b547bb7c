"""Changing what is known of a member: category (and with it the college), convention, fees."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from directory.domain.as_of import paris_day
from directory.domain.association import Association
from directory.store import mandates, members
from directory.usecases.find_member import MemberView, find_member, show_member
from directory.usecases.join_association import college_for
from kit import rows
from kit.auth import Caller
from kit.crypto import Keyring
from kit.problems import Problem, field_problem
from kit.versions import check_version
from kit.work import Work


async def change_member(
    work: Work,
    caller: Caller,
    keyring: Keyring,
    rules: Association,
    *,
    member_id: UUID,
    asked: dict[str, Any],
    if_match: str | None,
) -> MemberView:
    """`asked` may hold kind, category, finess, convention_signed_on. Raises Problem 404, 409, 412, 422.

    Who sits on the board for a college does not change college meanwhile (409 `holds_mandate`).
    """
    found = await find_member(work, keyring, member_id, lock=True)
    check_version(if_match, found.row["version"])
    if found.left_on is not None:
        raise Problem(409, "left_already", f"Left on {found.left_on}")
    kind, category = asked.get("kind", found.kind), asked.get("category", found.category)
    college = college_for(rules, kind, category, None)
    if college != found.college and await mandates.of_member(work, member_id, paris_day(work.now)):
        raise Problem(409, "holds_mandate", "End the mandates first: they are held for the college")
    values = {**asked, "college": college}
    if any(found.row[name] != value for name, value in values.items()):
        await rows.change(work, "member", member_id, caller.subject, **values)
    return await show_member(work, keyring, member_id)


async def set_fee(
    work: Work,
    caller: Caller,
    keyring: Keyring,
    member_id: UUID,
    *,
    year: int,
    paid_on: date | None,
    amount: Decimal | None,
) -> MemberView:
    """Whether the fee of a calendar year is paid; `paid_on` null takes it back. Raises Problem 404, 422."""
    await find_member(work, keyring, member_id)
    if paid_on is not None and paid_on > paris_day(work.now):
        raise field_problem("paid_on", "in_the_future", "A fee is paid today at the latest")
    await members.set_fee(work, member_id, year, paid_on=paid_on, amount=amount if paid_on else None, by=caller.subject)
    return await show_member(work, keyring, member_id)
