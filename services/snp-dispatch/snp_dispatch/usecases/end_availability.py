"""Ending weekly hours: no new slots, and the free future ones leave the offer."""

from uuid import UUID

from kit.auth import Caller
from kit.problems import Problem
from kit.work import Record, Work
from snp_dispatch.store import availabilities
from snp_dispatch.usecases import access
from snp_dispatch.usecases.keep_availability import read_availability
from snp_dispatch.usecases.problems import not_found
from snp_dispatch.usecases.withdraw_slot import tell_withdrawn


async def end_availability(work: Work, caller: Caller, availability_id: UUID, reason: str) -> Record:
    """Ends an availability. What is held or booked stays. Raises Problem 403, 404 or 409."""
    found = await availabilities.lock(work, availability_id)
    if found is None:
        raise not_found("availability")
    access.own_agenda(caller, found["effector_id"])
    if found["ended_at"] is not None:
        raise Problem(409, "availability_ended", "The availability has ended already")
    await availabilities.end(work, availability_id)
    tell_withdrawn(work, await availabilities.withdraw_free_slots(work, availability_id, reason), reason)
    return await read_availability(work, availability_id)
