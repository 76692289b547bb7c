"""Decide at an approval which numbers of patients readers outside are not told, beside all that is out already."""

import asyncio
from collections.abc import Sequence

import structlog

from indicators.domain.catalogue import Indicator
from indicators.domain.figures import Approval, Figure
from indicators.domain.linked_periods import Edition, beside
from indicators.domain.masking import counted, hidden_cells
from indicators.domain.periods import Period, kept_period, linked
from indicators.domain.protection import State
from indicators.domain.sources import SOURCES
from indicators.domain.suppression import Cell
from indicators.store import figure_versions, periods
from indicators.usecases.compute_figures import unjudged_figures
from kit.work import Work

log = structlog.get_logger(__name__)

Hidden = dict[str, tuple[Cell, ...]]
"""By indicator."""


async def hide_numbers(work: Work, figures: Sequence[Figure], number: int, threshold: int) -> Hidden:
    """Of the figures that are about to be approved as the `number`th version of their period."""
    wanted = [it for it in figures if it.indicator.counts_patients and counted(it)]
    if not wanted:
        return {}
    zone = wanted[0].period.start.tzinfo
    assert zone is not None  # noqa: S101 - periods are cut at midnights of a place
    rows = await periods.ever_approved(work)
    known = [kept_period(row["period_id"], row["starts_at"], row["ends_at"], zone) for row in rows]
    approved = {it.id: it for it in known}
    together = linked(wanted[0].period, known, zone)
    editions = {it.indicator.id: [_edition(it, number, "new", ())] for it in wanted}
    await _add_told(work, wanted, [approved[it.id] for it in together if it.id in approved], editions, threshold)
    over = [it for it in together if it != wanted[0].period and not it.is_open(work.now)]
    await _add_unsaid(work, wanted, over, editions)
    return await asyncio.to_thread(_decided, [(it.indicator, editions[it.indicator.id]) for it in wanted], threshold)


def _decided(asked: Sequence[tuple[Indicator, list[Edition]]], threshold: int) -> Hidden:
    found: Hidden = {}
    for indicator, editions in asked:
        at_end = any(SOURCES[name].at_end for name in indicator.sources)
        protected = beside(editions, indicator.unit, threshold, at_end=at_end)
        found[indicator.id] = tuple(sorted(protected.hidden[editions[0].name]))
        if protected.exposed:
            log.warning("small numbers follow from what was told", indicator=indicator.id, count=len(protected.exposed))
    return found


async def _add_told(
    work: Work, wanted: Sequence[Figure], told: Sequence[Period], editions: dict[str, list[Edition]], threshold: int
) -> None:
    by_id, by_name = {it.indicator.id: it.indicator for it in wanted}, {it.id: it for it in told}
    for row in await figure_versions.every(work, list(by_id), list(by_name)):
        approval = Approval(row["number"], row["approved_at"], row["approved_by"])
        period = by_name[row["period_id"]]
        figure = figure_versions.restored(row, by_id[row["indicator_id"]], period, work.territory, approval)
        if counted(figure):
            hidden = tuple(hidden_cells(figure, threshold))
            editions[row["indicator_id"]].append(_edition(figure, row["number"], "told", hidden))


async def _add_unsaid(
    work: Work, wanted: Sequence[Figure], over: Sequence[Period], editions: dict[str, list[Edition]]
) -> None:
    """What the facts say of periods that are over: some were never told, of others it may be told again."""
    for period in over:
        for figure in await unjudged_figures(work, [it.indicator for it in wanted], period):
            if counted(figure):
                editions[figure.indicator.id].append(_edition(figure, 0, "unsaid", ()))


def _edition(figure: Figure, number: int, state: State, hidden: tuple[Cell, ...]) -> Edition:
    tally = counted(figure)
    assert tally is not None  # noqa: S101 - only figures with numbers are looked at
    return Edition(figure.period, number, tally, state, frozenset(hidden))
