"""Declared time: one declaration, and what somebody declared."""

from uuid import UUID

from directory.store import indemnities
from directory.usecases.access import COORDINATOR
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, or_404
from kit.work import Record, Work


async def find_time(work: Work, indemnity_id: UUID, *, lock: bool = False) -> Record:
    """Raises Problem 404."""
    return or_404(await rows.find(work, indemnities.TABLE, indemnity_id, lock=lock), "indemnity_unknown")


async def find_decidable(work: Work, caller: Caller, indemnity_id: UUID) -> Record:
    """Locked, and not the caller's own time. Raises Problem 403 `own_time`, 404."""
    row = await find_time(work, indemnity_id, lock=True)
    if caller.rpps == row["rpps"] or caller.subject == row["declared_by"]:
        raise Problem(403, "own_time", "Somebody else decides on one's own time, and on what one declared oneself")
    return row


async def list_time(
    work: Work, caller: Caller, *, rpps: str | None, state: str | None, year: int | None, after: UUID | None, limit: int
) -> list[Record]:
    """A practitioner sees their own. One more than `limit` when there are more. Raises Problem 403."""
    return await indemnities.search(
        work, rpps=whose(caller, rpps), state=state, year=year, after=after, limit=limit + 1
    )


def whose(caller: Caller, rpps: str | None) -> str | None:
    """Whose time the caller may see: a coordinator anybody's, a practitioner their own. Raises Problem 403."""
    if caller.role == COORDINATOR:
        return rpps
    if caller.rpps is None or rpps not in (None, caller.rpps):
        raise Problem(403, "not_own_entry", "Only a coordinator sees the time of somebody else")
    return caller.rpps
