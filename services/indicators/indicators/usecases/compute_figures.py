"""Compute figures on read: from the projections, or from what was imported or entered, and judge them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from indicators.domain.catalogue import Count, Indicator
from indicators.domain.figures import Figure, Gap, Tally, interval_of, told_tally, told_value, value_of
from indicators.domain.periods import Period, before
from indicators.domain.sources import SOURCES
from indicators.domain.told import Telling
from indicators.domain.trends import Comparison, judge, stated
from indicators.store import facts, figures
from indicators.usecases.tell_figures import tellings
from kit.work import Work

Instants = Mapping[str, datetime | None]
"""When the oldest, or the newest, fact of each source happened."""

_WAITS: dict[str, Gap] = {"slots": "slot_unpublished", "calls": "call_unreceived"}


@dataclass(frozen=True)
class _Sources:
    """When the newest fact of each source happened, and which of them wait for one."""

    as_of: Instants
    waits: dict[str, bool]


async def compute_figures(work: Work, indicators: Sequence[Indicator], period: Period) -> list[Figure]:
    """One figure for each indicator, in their order; those that nothing feeds are of unknown value."""
    found = await unjudged_figures(work, indicators, period)
    wanting = [it.indicator for it in found if _needs_period_before(it, work)]
    earlier = await _of_period_before(work, wanting, period)
    return _judged(work, found, earlier, await _begun(work, wanting))


async def compute_series(work: Work, indicators: Sequence[Indicator], periods: Sequence[Period]) -> list[list[Figure]]:
    """The same for each of these periods, which follow each other."""
    begun = await _begun(work, indicators)
    earlier = await _of_period_before(work, indicators, periods[0])
    series = []
    for period in periods:
        found = await unjudged_figures(work, indicators, period)
        series.append(_judged(work, found, earlier, begun))
        earlier = found
    return series


async def _of_period_before(work: Work, indicators: Sequence[Indicator], period: Period) -> list[Figure]:
    earlier = before(period)
    return await unjudged_figures(work, indicators, earlier) if earlier and indicators else []


async def unjudged_figures(work: Work, indicators: Sequence[Indicator], period: Period) -> list[Figure]:
    """The figures without what became of them since anything."""
    as_of = await _newest(work, indicators)
    sources = _Sources(as_of, await figures.gaps(work, period) if as_of else {})
    tallies = await _tallies(work, indicators, period)
    told = await tellings(work, [it for it in indicators if not it.is_fed], [period])
    return [
        _told(work, it, period, telling)
        if (telling := told.get((it.id, period.id)))
        else _counted(work, it, period, tallies.get(it.id), sources)
        for it in indicators
    ]


def _counted(work: Work, indicator: Indicator, period: Period, tally: Tally | None, sources: _Sources) -> Figure:
    """What events tell, which may be nothing."""
    status, reason, value = value_of(indicator, tally)
    return Figure(
        indicator=indicator,
        period=period,
        territory=work.territory,
        status=status,
        reason=reason,
        value=value,
        tally=tally,
        as_of=max(_known(sources.as_of, indicator), default=None),
        computed_at=work.now,
        gaps=_gaps(work, indicator, period, sources.waits),
        origin="events" if tally else None,
        interval=interval_of(indicator, tally),
        target=indicator.target,
        baseline=indicator.baseline,
    )


def _told(work: Work, indicator: Indicator, period: Period, telling: Telling) -> Figure:
    """What was imported or entered. It holds for the whole period, of which its source may have seen a part."""
    status, reason, value = told_value(telling)
    tally = told_tally(telling)
    return Figure(
        indicator=indicator,
        period=period,
        territory=work.territory,
        status=status,
        reason=reason,
        value=value,
        tally=tally,
        as_of=max(it.told_at for it in telling.provenance),
        computed_at=work.now,
        gaps=("period_open",) if period.is_open(work.now) else (),
        origin=telling.origin,
        interval=interval_of(indicator, tally),
        target=indicator.target,
        baseline=indicator.baseline,
        masked=telling.hides,
        provenance=telling.provenance,
    )


def _known(instants: Instants, indicator: Indicator) -> list[datetime]:
    return [instant for source in indicator.sources if (instant := instants[source]) is not None]


def _judged(work: Work, found: Sequence[Figure], earlier: Sequence[Figure], begun: Instants) -> list[Figure]:
    """Each figure with what became of it since the target, the baseline or the period before."""
    known = {it.indicator.id: it for it in earlier if it.value is not None and _had_begun(it, begun)}
    return [figure if figure.value is None else _with_trend(work, figure, known) for figure in found]


def _with_trend(work: Work, figure: Figure, known: Mapping[str, Figure]) -> Figure:
    held, earlier = stated(figure.indicator, figure.period), known.get(figure.indicator.id)
    if held is None and earlier is not None and earlier.value is not None:
        held = Comparison("previous_period", earlier.value, earlier.period.id)
    is_open = figure.period.is_open(work.now)
    return replace(figure, trend=judge(figure.indicator, figure.period, figure.value or 0, held, is_open=is_open))


def _needs_period_before(figure: Figure, work: Work) -> bool:
    known = figure.value is not None and not figure.period.is_open(work.now)
    return known and stated(figure.indicator, figure.period) is None


async def _begun(work: Work, indicators: Sequence[Indicator]) -> Instants:
    fed_by = _fed_by(indicators)
    oldest = await facts.oldest(work, chain(*fed_by.values())) if fed_by else {}
    return {it: min((oldest[kind] for kind in kinds if kind in oldest), default=None) for it, kinds in fed_by.items()}


async def _newest(work: Work, indicators: Sequence[Indicator]) -> Instants:
    fed_by = _fed_by(indicators)
    newest = await facts.newest(work, chain(*fed_by.values())) if fed_by else {}
    return {it: max((newest[kind] for kind in kinds if kind in newest), default=None) for it, kinds in fed_by.items()}


def _fed_by(indicators: Sequence[Indicator]) -> dict[str, tuple[str, ...]]:
    """The sources of the indicators, and the kinds of facts that move each."""
    return {source: SOURCES[source].fed_by for indicator in indicators for source in sorted(indicator.sources)}


def _had_begun(figure: Figure, begun: Instants) -> bool:
    """Whether facts that feed it were told before its period ended: else its zero says nothing."""
    return figure.origin != "events" or any(it < figure.period.end for it in _known(begun, figure.indicator))


async def _tallies(work: Work, indicators: Sequence[Indicator], period: Period) -> dict[str, Tally]:
    """By id, of those that events feed. What is counted from one source is counted together."""
    counts = [(it.id, name, count) for it in indicators for name, count in _counts(it).items()]
    found = await figures.tallies(work, [count for _, _, count in counts], period)
    told = {(of, name): tallied for (of, name, _), tallied in zip(counts, found, strict=True)}
    return {it.id: _tally(it, {name: told[it.id, name] for name in _counts(it)}) for it in indicators if it.is_fed}


def _counts(indicator: Indicator) -> dict[str, Count]:
    apart = {f"apart {item.code}": item.count for item in indicator.apart}
    named = {"numerator": indicator.numerator, "denominator": indicator.denominator, **apart}
    return {name: count for name, count in named.items() if count is not None}


def _tally(indicator: Indicator, told: Mapping[str, figures.Tallied]) -> Tally:
    numerator, breakdown = told["numerator"]
    denominator, _ = told.get("denominator", (None, {}))
    return Tally(numerator, denominator, breakdown, {it.code: told[f"apart {it.code}"][0] for it in indicator.apart})


def _gaps(work: Work, indicator: Indicator, period: Period, waits: dict[str, bool]) -> tuple[Gap, ...]:
    if not indicator.is_fed:
        return ("no_source",)
    open_period: tuple[Gap, ...] = ("period_open",) if period.is_open(work.now) else ()
    return open_period + tuple(_WAITS[source] for source in sorted(indicator.sources) if waits.get(source))
