"""Ask for the projections of a territory to be derived again from its facts."""

from uuid import UUID

from indicators.store import rebuilds
from kit.problems import Problem
from kit.work import Record, Work


async def request_rebuild(work: Work, requested_by: str) -> Record:
    """Notes the request; the worker takes it up within about a second."""
    return await rebuilds.add(work, requested_by)


async def find_rebuild(work: Work, rebuild_id: UUID) -> Record:
    """A rebuild of the caller's territory. Raises Problem 404."""
    rebuild = await rebuilds.find(work, rebuild_id)
    if rebuild is None:
        raise Problem(404, "rebuild_unknown", "No such rebuild in this territory")
    return rebuild
