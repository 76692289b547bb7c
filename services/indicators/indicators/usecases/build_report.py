"""Put a report together from the figures of its period and of the period before."""

from collections.abc import Sequence

from indicators.domain.catalogue import Indicator
from indicators.domain.exports import Dhis2Codes
from indicators.domain.figures import Figure
from indicators.domain.periods import Period, before
from indicators.domain.report import Report, by_axis, row_of, told
from indicators.store import evidence
from indicators.usecases.load_exports import ExportBook
from indicators.usecases.show_figures import View, show_figures
from kit.work import Record, Work


async def build_report(work: Work, book: ExportBook, run: Record) -> Report:
    """The report of a run, as of now. Raises BadPeriodError when its campaign is no longer known."""
    catalogue = book.catalogues.of(work.territory)
    period = catalogue.period(run["period"])
    earlier = before(period)
    indicators = told(run["what"], catalogue.indicators, period)
    now_said = await exported_figures(work, book, indicators, period)
    then_said = await exported_figures(work, book, indicators, earlier) if earlier else [None] * len(now_said)
    rows = [row_of(now, then, await _evidence(work, now)) for now, then in zip(now_said, then_said, strict=True)]
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
        codes=Dhis2Codes(**(run["codes"] or {"org_unit": work.territory, "data_set": run["what"]})),
    )


async def exported_figures(
    work: Work, book: ExportBook, indicators: Sequence[Indicator], period: Period
) -> list[Figure]:
    """The figures as they may leave the CPTS: the approved ones of a closed period, small counts hidden."""
    return await show_figures(work, book.small_cells, indicators, period, View(published=True))


async def _evidence(work: Work, figure: Figure) -> int | None:
    """How many events prove it; of a figure that is not counted from events none are known."""
    numerator = figure.indicator.numerator
    if figure.masked or figure.origin != "events" or numerator is None:
        return None
    return await evidence.total(work, numerator, figure.period)
