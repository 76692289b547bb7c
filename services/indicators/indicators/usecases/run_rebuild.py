"""Derive the projections again from all facts of a territory, and put right what had drifted."""

from contracts.indicators import RebuildCompleted
from indicators.store import facts, month_sums, projections, rebuilds
from kit.work import Work


async def run_rebuild(work: Work) -> int:
    """Takes up the oldest request of any territory; answers how many it finished (0 or 1).

    Readers are not disturbed: they see the rows of before until the commit, and rows that come out
    the same are not written at all. The sums of months go and are made again: last, because
    consumers wait from here on.
    """
    rebuild = await rebuilds.take(work)
    if rebuild is None:
        return 0
    territory = rebuild["territory"]
    changed = await _mend(work, territory) if await _has_drifted(work, territory) else 0
    read = await facts.count(work, territory)
    await projections.lock_all(work, territory)
    await month_sums.drop(work, territory)
    await rebuilds.finish(work, rebuild["id"], read, changed)
    completed = RebuildCompleted(rebuild_id=rebuild["id"], facts=read, identical=changed == 0)
    work.emit(completed, version=1, territory=territory)
    return 1


async def _has_drifted(work: Work, territory: str) -> bool:
    """Compares in one statement a projection, so in one snapshot: consumers need not wait."""
    for projection in projections.ALL:
        if await projections.drifted(work, projection, territory):
            return True
    return False


async def _mend(work: Work, territory: str) -> int:
    """Consumers wait until the commit, so that no row is derived from what it was before."""
    await projections.lock_all(work, territory)
    changed = 0
    for projection in projections.ALL:
        ids = await projections.drifted(work, projection, territory)
        await projections.drop(work, projection, territory, ids)
        if ids:
            await projections.derive_all(work, projection, territory)
        changed += len(ids)
    return changed
