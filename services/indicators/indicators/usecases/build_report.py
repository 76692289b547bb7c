"""Put a report together from the figures of its period and of the period before."""

from collections.abc import Sequence

from indicators.domain.catalogue import Indicator
from indicators.domain.exports import Dhis2Codes
from indicators.domain.figures import Figure
from indicators.domain.periods import Period, before
from indicators.domain.report import Report, by_axis, row_of, told
from indicators.store import evidence
from indicators.usecases.load_exports import ExportBook
from indicators.usecases.show_figures import View, is_published, show_figures, show_published
from kit.work import Record, Work


async def build_report(work: Work, book: ExportBook, run: Record) -> Report:
    """The report of a run, as of now. Raises BadPeriodError when its campaign is no longer known."""
    catalogue = book.catalogues.of(work.territory)
    period = catalogue.period(run["period"])
    earlier = before(period)
    indicators = told(run["what"], catalogue.indicators, period)
    now_said = await exported_figures(work, book, indicators, period, inside=run["inside"])
    then_said = await _earlier(work, book, indicators, earlier, inside=run["inside"]) if earlier else {}
    rows = [row_of(it, then_said.get(it.indicator.id), await _evidence(work, it)) for it in now_said]
    return Report(
        territory=work.territory,
        territory_name=book.names.get(work.territory, work.territory),
        recipient=run["recipient"],
        what=run["what"],
        period=period,
        before=earlier,
        written_at=work.now,
        catalogue_version=catalogue.version,
        parts=by_axis(book.axes, rows),
        provisional=any(it.approval is None for it in now_said),
        codes=Dhis2Codes(**(run["codes"] or {"org_unit": work.territory, "data_set": run["what"]})),
    )


async def exported_figures(
    work: Work, book: ExportBook, indicators: Sequence[Indicator], period: Period, *, inside: bool
) -> list[Figure]:
    """The figures as they may be exported, small counts hidden: the approved ones, or inside those of now.

    Raises Problem 404 `period_not_published` for readers outside.
    """
    if inside:
        return await show_figures(work, book.small_cells, indicators, period, View(published=True))
    return await show_published(work, book.small_cells, indicators, period)


async def _earlier(
    work: Work, book: ExportBook, indicators: Sequence[Indicator], period: Period, *, inside: bool
) -> dict[str, Figure]:
    """Those of the period before, by indicator; to readers outside, nothing of one that nobody approved."""
    if not inside and not await is_published(work, period):
        return {}
    return {it.indicator.id: it for it in await exported_figures(work, book, indicators, period, inside=inside)}


async def _evidence(work: Work, figure: Figure) -> int | None:
    """How many events prove it (of an approved one: proved it then); None of one that is not counted from events."""
    numerator = figure.indicator.numerator
    if figure.masked or figure.origin != "events" or numerator is None:
        return None
    if figure.sealed is not None:
        return figure.sealed
    return await evidence.total(work, numerator, figure.period)
