"""Declared time is refused."""

from uuid import UUID

from directory.store.indemnities import TABLE
from directory.usecases.find_time import find_decidable
from kit import rows
from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work


async def refuse_time(work: Work, caller: Caller, indemnity_id: UUID, reason: str) -> Record:
    """Raises Problem 403 `own_time`, 404, 409 `decided_already`."""
    row = await find_decidable(work, caller, indemnity_id)
    if row["state"] != "declared":
        raise Problem(409, "decided_already", f"It is {row['state']}")
    return await rows.change(work, TABLE, indemnity_id, caller.subject, state="refused", reason=reason)
