"""Ask for the projections of a territory to be derived again from its facts."""

from uuid import UUID

from indicators.store import rebuilds
from indicators.store.tables import Rebuild
from kit.problems import Problem
from kit.work import Work


async def request_rebuild(work: Work, requested_by: str) -> Rebuild:
    """Notes the request; the worker takes it up within about a second."""
    rebuild = Rebuild(id=work.new_id(), territory=work.territory, requested_by=requested_by, requested_at=work.now)
    await rebuilds.add(work, rebuild)
    return rebuild


async def find_rebuild(work: Work, rebuild_id: UUID) -> Rebuild:
    """A rebuild of the caller's territory. Raises Problem 404."""
    rebuild = await rebuilds.find(work, rebuild_id)
    if rebuild is None:
        raise Problem(404, "rebuild_unknown", "No such rebuild in this territory")
    return rebuild
