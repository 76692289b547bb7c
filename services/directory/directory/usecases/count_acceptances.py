"""Counts once a day how many general practitioners accept new patients, for the rate that a CPTS owes (I-05)."""

from contracts.directory import AcceptanceCounted
from contracts.envelope import NATIONAL
from directory.domain.as_of import paris_day
from directory.store import acceptance_counts
from directory.usecases.load_reference import Reference
from kit.work import Work

BY = "count-acceptances"


async def count_acceptances(work: Work, reference: Reference) -> int:
    """The job, on every territory whose communes are known; answers how many were told.

    A day that says the same as the last count is not told again: the count before still holds. A territory where
    nobody has ever been asked is not counted: its rate is unknown, and not zero.
    """
    told = 0
    try:
        for slug, territory in reference.territories.items():
            if territory.communes:
                work.territory = slug
                told += await _count(work, reference)
        return told
    finally:
        work.territory = NATIONAL


async def _count(work: Work, reference: Reference) -> int:
    today, last = paris_day(work.now), await acceptance_counts.latest(work)
    if last is not None and last["day"] >= today:
        return 0
    asked = reference.acceptance[work.territory].asked
    communes = reference.territories[work.territory].communes
    found = await acceptance_counts.counted_now(work, today, communes, asked.modes, asked.sectors)
    names = ("general_practitioners", "accepting")
    if last is None and not found["begun"]:
        return 0
    if last is not None and all(found[name] == last[name] for name in names):
        return 0
    row = await acceptance_counts.keep(work, today, found, BY)
    if row is None:
        return 0
    counted = AcceptanceCounted(count_id=row["id"], day=today, **{name: tuple(row[name]) for name in names})
    work.emit(counted, version=1)
    return 1
