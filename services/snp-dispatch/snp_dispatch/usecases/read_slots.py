"""Reading slots."""

from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.work import Record, Work
from snp_dispatch.store import slots
from snp_dispatch.usecases.problems import not_found
from snp_dispatch.usecases.read_calls import read_call


async def read_slot(work: Work, slot_id: UUID) -> Record:
    """Raises Problem 404."""
    found = await slots.get(work, slot_id)
    if found is None:
        raise not_found("slot")
    return found


async def list_slots(
    work: Work,
    *,
    since: datetime | None,
    until: datetime | None,
    effector_id: str | None,
    commune: str | None,
    state: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
    caller: Caller,
    seen_by: UUID | None = None,
) -> list[Record]:
    """Slots that start in [since, until), in order of start.

    With the call `seen_by`, a seat that this call holds is free. Raises Problem 403, 404 as for reading it.
    """
    if seen_by is not None:
        await read_call(work, caller, seen_by)
    return await slots.page(
        work,
        since=since,
        until=until,
        effector_id=effector_id,
        commune=commune,
        state=state,
        after=after,
        limit=limit,
        seen_by=seen_by,
    )
