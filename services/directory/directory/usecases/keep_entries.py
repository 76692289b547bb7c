"""Adding, changing and ending what a territory keeps by itself: roles, care teams and their members, resources."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from directory.domain.as_of import paris_day
from directory.store import entries
from directory.store.entries import Entries
from directory.usecases.access import check_coordinator
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem, or_404
from kit.versions import check_version
from kit.work import Record, Work


async def show_entry(
    work: Work, table: Entries, entry: UUID, until: datetime | None = None, *, lock: bool = False
) -> Record:
    """One entry of the territory, ended or not. Raises Problem 404."""
    row = await rows.find(work, table, entry, lock=lock, until=until)
    return or_404(row, f"{table}_unknown", f"This territory has no such entry: {entry}")


async def change_entry(
    work: Work, caller: Caller, table: Entries, entry: UUID, values: Mapping[str, Any], *, if_match: str | None
) -> Record:
    """The entry with these values. Raises Problem 403, 404, 409 when it has ended, or 412."""
    check_coordinator(caller)
    await _open(work, table, entry, if_match)
    return await entries.replace(work, table, entry, values, caller.subject)


async def end_entry(work: Work, caller: Caller, table: Entries, entry: UUID, on: date | None) -> Record:
    """The entry ends on that day, today by default; a care team with its members. Raises Problem 403, 404, 409, 422."""
    check_coordinator(caller)
    row = await _open(work, table, entry, None)
    last = on or paris_day(work.now)
    if "since" in row and last < row["since"]:
        raise field_problem("on", "ends_before_it_begins", f"It begins on {row['since']}")
    if table == "care_team":
        await entries.end_members(work, entry, last, caller.subject)
    return await entries.end(work, table, entry, last, caller.subject)


async def _open(work: Work, table: Entries, entry: UUID, if_match: str | None) -> Record:
    row = await show_entry(work, table, entry, lock=True)
    if row["ended_on"] is not None:
        raise Problem(409, "ended", f"It ended on {row['ended_on']}: add a new one")
    check_version(if_match, row["version"])
    return row
