"""On-call orders of a territory, who is absent, and whose turn it is."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import orjson

from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem, or_404
from kit.versions import check_version
from kit.work import Record, Work
from pathways.domain.dating import local_day
from pathways.domain.duty import DutyMember, order
from pathways.store import duties
from pathways.store.duties import ABSENCES, GROUPS

ANYBODYS = "duties:write"


async def keep_group(
    work: Work,
    caller: Caller,
    label: str,
    members: Sequence[DutyMember],
    group_id: UUID | None = None,
    *,
    if_match: str | None = None,
) -> Record:
    """A new order, or another one for a group. Raises Problem 404, 412 or 422 `member_repeated`."""
    if len({it.rpps for it in members}) < len(members):
        raise field_problem("members", "member_repeated", "Each professional once")
    values = {"label": label, "members": orjson.dumps([it.model_dump() for it in members]).decode()}
    if group_id is None:
        return await rows.add(work, GROUPS, caller.subject, **values)
    check_version(if_match, (await find_group(work, group_id, lock=True))["version"])
    return await rows.change(work, GROUPS, group_id, caller.subject, **values)


async def find_group(work: Work, group_id: UUID, *, lock: bool = False) -> Record:
    """Raises Problem 404."""
    return or_404(await rows.find(work, GROUPS, group_id, lock=lock), "group_unknown", "No such on-call group")


async def list_groups(work: Work, *, until: datetime | None, after: UUID | None, limit: int) -> list[Record]:
    """One more than `limit`."""
    return await rows.listed(work, GROUPS, [], until=until, after=after, limit=limit + 1)


async def turns_of(work: Work, group_id: UUID) -> list[str]:
    """Who is asked now, in order. Raises Problem 404."""
    group = await find_group(work, group_id)
    members, today = [DutyMember.model_validate(it) for it in group["members"]], local_day(work.now)
    away = await duties.absent(work, work.territory, [it.rpps for it in members], today)
    return order(members, away, today)


async def note_absence(work: Work, caller: Caller, rpps: str, from_on: date, until_on: date) -> Record:
    """One's own; anybody's for who keeps the groups. Raises Problem 403 `not_yours` or 422."""
    _check_own(caller, rpps)
    if until_on < from_on or until_on < local_day(work.now):
        raise field_problem("until_on", "dates_out_of_order", "Today or later, and not before the first day")
    return await rows.add(work, ABSENCES, caller.subject, rpps=rpps, from_on=from_on, until_on=until_on)


async def cancel_absence(work: Work, caller: Caller, absence_id: UUID) -> Record:
    """They are there after all. Raises Problem 403, 404 or 409."""
    row = await rows.find(work, ABSENCES, absence_id, lock=True)
    found = or_404(row, "absence_unknown", "No such absence on this territory")
    _check_own(caller, found["rpps"])
    if found["cancelled_at"] is not None:
        raise Problem(409, "absence_cancelled", "It was cancelled before")
    return await rows.change(work, ABSENCES, absence_id, caller.subject, cancelled_at=work.now)


def _check_own(caller: Caller, rpps: str) -> None:
    if rpps != caller.rpps and ANYBODYS not in caller.scopes:
        raise Problem(403, "not_yours", "Only your own absence")
