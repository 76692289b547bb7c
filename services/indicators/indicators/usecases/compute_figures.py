"""Compute figures on read, from the projections."""

from collections.abc import Sequence

from indicators.domain.catalogue import Indicator
from indicators.domain.figures import Figure, Gap, Tally, interval_of, value_of
from indicators.domain.periods import Period
from indicators.domain.sources import SOURCES
from indicators.store import facts, figures
from kit.work import Work

_WAITS: dict[str, Gap] = {"slots": "slot_unpublished", "calls": "call_unreceived"}


async def compute_figures(work: Work, indicators: Sequence[Indicator], period: Period) -> list[Figure]:
    """One figure for each indicator, in their order; those that nothing feeds are of unknown value."""
    sources = sorted({source for indicator in indicators for source in indicator.sources})
    as_of = {source: await facts.newest(work, SOURCES[source].fed_by) for source in sources}
    waits = await figures.gaps(work, period) if sources else {}
    found = []
    for indicator in indicators:
        tally = await _tally(work, indicator, period)
        status, reason, value = value_of(indicator, tally)
        moments = [moment for source in indicator.sources if (moment := as_of[source]) is not None]
        found.append(
            Figure(
                indicator=indicator,
                period=period,
                territory=work.territory,
                status=status,
                reason=reason,
                value=value,
                tally=tally,
                as_of=max(moments, default=None),
                computed_at=work.now,
                gaps=_gaps(work, indicator, period, waits),
                origin="events" if tally else None,
                interval=interval_of(indicator, tally),
            )
        )
    return found


async def _tally(work: Work, indicator: Indicator, period: Period) -> Tally | None:
    if indicator.numerator is None:
        return None
    numerator, breakdown = await figures.tally(work, indicator.numerator, period)
    denominator = None
    if indicator.denominator is not None:
        denominator, _ = await figures.tally(work, indicator.denominator, period)
    apart = {item.code: (await figures.tally(work, item.count, period))[0] for item in indicator.apart}
    return Tally(numerator, denominator, breakdown, apart)


def _gaps(work: Work, indicator: Indicator, period: Period, waits: dict[str, bool]) -> tuple[Gap, ...]:
    if not indicator.is_fed:
        return ("no_source",)
    open_period: tuple[Gap, ...] = ("period_open",) if period.is_open(work.now) else ()
    return open_period + tuple(_WAITS[source] for source in sorted(indicator.sources) if waits.get(source))
