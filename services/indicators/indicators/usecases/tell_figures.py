"""What was imported or entered of figures that no event feeds. A file of a source comes before an entry by hand."""

from collections.abc import Sequence

from indicators.domain.catalogue import Indicator
from indicators.domain.periods import Period
from indicators.domain.told import Telling, believed
from indicators.store import told
from indicators.store.told import Key
from kit.work import Work


async def tellings(work: Work, indicators: Sequence[Indicator], periods: Sequence[Period]) -> dict[Key, Telling]:
    """By indicator and period, those that are told."""
    if not indicators:
        return {}
    ids, names = [it.id for it in indicators], [it.id for it in periods]
    by_file = await told.imported(work, ids, names)
    found = await told.entered(work, ids, names)
    for indicator in indicators:
        for name in names:
            of_files = by_file.get((indicator.id, name), {})
            if telling := believed(indicator.unit, of_files, indicator.imported_from):
                found[indicator.id, name] = telling
    return found
