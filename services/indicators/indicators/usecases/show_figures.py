"""What goes out of figures: the approved version of a closed period, and small cells hidden where it is published.

Whatever leaves the service, an answer, a file or a chart, comes from here; `compute_figures` alone neither knows what
was approved nor hides anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indicators.domain.catalogue import Indicator
from indicators.domain.figures import Approval, Figure
from indicators.domain.masking import for_outside, masked
from indicators.domain.periods import Period
from indicators.domain.reporting import CLOSED
from indicators.domain.small_cells import SmallCells
from indicators.store import figure_versions, periods
from indicators.usecases.compute_figures import compute_figures, compute_series
from kit.problems import Problem
from kit.work import Record, Work


@dataclass(frozen=True)
class View:
    """How figures are looked at. `live`: as they are now, whatever was approved. `published`: small cells hidden."""

    live: bool = False
    published: bool = False


async def show_figures(
    work: Work, small_cells: Mapping[str, SmallCells], indicators: Sequence[Indicator], period: Period, view: View
) -> list[Figure]:
    """One figure for each indicator, in their order."""
    closed = None if view.live or period.is_open(work.now) else await closed_row(work, period.id)
    if closed is None:
        figures = await compute_figures(work, indicators, period)
    else:
        figures = await _kept(work, closed, indicators, period)
    return [masked(it, threshold(small_cells, work.territory)) for it in figures] if view.published else figures


async def show_series(
    work: Work, small_cells: Mapping[str, SmallCells], indicator: Indicator, periods: Sequence[Period], view: View
) -> list[Figure]:
    """The figures of one indicator over periods that follow each other."""
    return [figure for (figure,) in await show_periods(work, small_cells, [indicator], periods, view)]


async def show_periods(
    work: Work,
    small_cells: Mapping[str, SmallCells],
    indicators: Sequence[Indicator],
    periods: Sequence[Period],
    view: View,
) -> list[list[Figure]]:
    """The figures of several indicators in each of these periods, which follow each other."""
    shown, smallest = [], threshold(small_cells, work.territory)
    for period, computed in zip(periods, await compute_series(work, indicators, periods), strict=True):
        closed = None if view.live or period.is_open(work.now) else await closed_row(work, period.id)
        found = computed if closed is None else await _kept(work, closed, indicators, period)
        shown.append([masked(it, smallest) for it in found] if view.published else found)
    return shown


async def is_published(work: Work, period: Period) -> bool:
    """Whether those outside may see figures of the period: it is approved or locked."""
    return await closed_row(work, period.id) is not None


async def show_published(
    work: Work, small_cells: Mapping[str, SmallCells], indicators: Sequence[Indicator], period: Period
) -> list[Figure]:
    """What those outside may see: the figures of an approved or locked period. Raises Problem 404."""
    closed = await closed_row(work, period.id)
    if closed is None:
        raise Problem(404, "period_not_published", f"{period.id} is not approved")
    figures = await _kept(work, closed, indicators, period)
    return [for_outside(masked(it, threshold(small_cells, work.territory))) for it in figures]


async def approved_figures(work: Work, row: Record, indicators: Sequence[Indicator], period: Period) -> list[Figure]:
    """The figures of the last approval of a period, of those indicators that it has."""
    kept = await figure_versions.of(work, period.id, row["approvals"])
    known = [indicator for indicator in indicators if indicator.id in kept]
    approval = _approval(row)
    return [figure_versions.restored(kept[it.id], it, period, work.territory, approval) for it in known]


def threshold(small_cells: Mapping[str, SmallCells], territory: str) -> int:
    """From how many patients on this territory shows a number of them."""
    return small_cells.get(territory, SmallCells()).threshold


async def closed_row(work: Work, period_id: str) -> Record | None:
    """The row of a period that is approved or locked; None of any other."""
    row = await periods.find(work, period_id)
    return row if row and row["state"] in CLOSED else None


async def _kept(work: Work, row: Record, indicators: Sequence[Indicator], period: Period) -> list[Figure]:
    """An indicator that the catalogue did not have at the approval has no figure in it."""
    found = {figure.indicator.id: figure for figure in await approved_figures(work, row, indicators, period)}
    approval = _approval(row)
    return [found.get(it.id) or _missing(it, period, work.territory, approval) for it in indicators]


def _missing(indicator: Indicator, period: Period, territory: str, approval: Approval) -> Figure:
    """The figure of an indicator that came after the approval."""
    return Figure(
        indicator=indicator,
        period=period,
        territory=territory,
        status="no_source",
        reason="no_source",
        value=None,
        tally=None,
        as_of=None,
        computed_at=approval.at,
        gaps=("no_source",),
        approval=approval,
    )


def _approval(row: Record) -> Approval:
    return Approval(row["approvals"], row["approved_at"], row["approved_by"], row["late_facts"], row["late_newest"])
