"""Put the figures of one indicator side by side, of territories that the caller may compare."""

from collections.abc import Sequence

from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.usecases.compute_figures import compute_figures
from indicators.usecases.load_catalogue import Catalogues
from kit.auth import Caller
from kit.database import Database
from kit.problems import Problem


async def compare_territories(
    db: Database,
    catalogues: Catalogues,
    caller: Caller,
    *,
    indicator_id: str,
    period: Period,
    territories: Sequence[str],
) -> list[Figure]:
    """One figure a territory, each computed in a transaction that sees that territory alone, in the order asked for.

    Raises Problem 403 `territory_forbidden` unless the token names them all, 404 `indicator_unknown`.
    """
    if forbidden := [name for name in territories if name not in caller.compares | {caller.territory}]:
        raise Problem(403, "territory_forbidden", f"This token may not compare {', '.join(forbidden)}")
    figures = []
    for territory in dict.fromkeys(territories):
        indicator = catalogues.of(territory).find(indicator_id)
        if indicator is None:
            raise Problem(404, "indicator_unknown", f"The catalogue has no indicator {indicator_id!r}")
        async with db.work(territory) as work:
            figures += await compute_figures(work, [indicator], period)
    return figures
