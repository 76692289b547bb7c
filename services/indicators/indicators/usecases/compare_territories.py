"""Put the figures of one indicator side by side, of territories that the caller may compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indicators.domain.catalogue import Catalogue
from indicators.domain.figures import Figure
from indicators.domain.periods import BadPeriodError, Period
from indicators.domain.small_cells import SmallCells
from indicators.usecases.load_catalogue import Catalogues
from indicators.usecases.show_figures import is_published, show_published
from kit.auth import Caller
from kit.database import Database
from kit.problems import Problem


@dataclass(frozen=True)
class Compared:
    """The figures that are published, and the territories that have published none of the period."""

    figures: list[Figure]
    unpublished: list[str]


async def compare_territories(
    db: Database,
    catalogues: Catalogues,
    small_cells: Mapping[str, SmallCells],
    caller: Caller,
    *,
    indicator_id: str,
    period: Period,
    territories: Sequence[str],
) -> Compared:
    """One approved figure a territory, each read in a transaction that sees that territory alone, as asked for.

    Raises Problem 403 `territory_forbidden` unless the token names them all, 404 `indicator_unknown`.
    """
    if forbidden := [name for name in territories if name not in caller.compares | {caller.territory}]:
        raise Problem(403, "territory_forbidden", f"This token may not compare {', '.join(forbidden)}")
    compared = Compared([], [])
    for territory in dict.fromkeys(territories):
        indicator = catalogues.of(territory).find(indicator_id)
        if indicator is None:
            raise Problem(404, "indicator_unknown", f"The catalogue has no indicator {indicator_id!r}")
        own = _own(catalogues.of(territory), period)
        async with db.work(territory) as work:
            if own and await is_published(work, own):
                compared.figures.extend(await show_published(work, small_cells, [indicator], own))
            else:
                compared.unpublished.append(territory)
    return compared


def _own(catalogue: Catalogue, period: Period) -> Period | None:
    """The period of that name in another territory: its campaigns have days of their own, or are not there."""
    try:
        return catalogue.period(period.id)
    except BadPeriodError:
        return None
