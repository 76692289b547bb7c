"""Counts once a day who of the territory is self-employed (*libéral*): the denominator of I-58 and I-59."""

from contracts.directory import WorkforceCounted
from contracts.envelope import NATIONAL
from directory.domain.as_of import paris_day
from directory.store import workforce
from directory.usecases.load_reference import Reference
from kit.work import Work

BY = "count-self-employed"


async def count_self_employed(work: Work, reference: Reference) -> int:
    """The job, on every territory whose communes are known and that has a roster; answers how many were told.

    A day that says the same as the last count is not told again: the count before still holds.
    """
    told = 0
    try:
        for slug, territory in reference.territories.items():
            work.territory = slug
            told += await count_on_territory(work, territory.communes)
        return told
    finally:
        work.territory = NATIONAL


async def count_on_territory(work: Work, communes: tuple[str, ...]) -> int:
    """Counts on the territory of the transaction; 1 when it was told.

    Not where nothing is staffed or no commune is known, nor where today was counted.
    """
    today, last = paris_day(work.now), await workforce.latest(work)
    counted = last is not None and last["day"] >= today
    if not communes or counted or not await workforce.has_roster(work):
        return 0
    found = await workforce.self_employed(work, communes)
    if last is not None and found == last["self_employed"]:
        return 0
    row = await workforce.keep(work, today, found, BY)
    if row is None:
        return 0
    work.emit(WorkforceCounted(count_id=row["id"], day=today, self_employed=tuple(found)), version=1)
    return 1
