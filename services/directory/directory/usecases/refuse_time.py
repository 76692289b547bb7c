"""Declared time is refused."""

from uuid import UUID

from directory.store import indemnities
from directory.usecases.find_time import find_decidable, find_time
from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work


async def refuse_time(work: Work, caller: Caller, indemnity_id: UUID, reason: str) -> Record:
    """Raises Problem 403 `own_time`, 404, 409 `decided_already`."""
    row = await find_decidable(work, caller, indemnity_id)
    if row["state"] != "declared":
        raise Problem(409, "decided_already", f"It is {row['state']}")
    await indemnities.change(work, indemnity_id, {"state": "refused", "reason": reason}, caller.subject)
    return await find_time(work, indemnity_id)
