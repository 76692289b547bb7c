"""The catalogue and its figures."""

from pydantic import TypeAdapter

from indicators.api.parameters import CatalogueDep, IndicatorDep, PeriodDep, Reader
from indicators.api.schemas import FigureOut, FigurePage, IndicatorOut, PeriodOut
from indicators.api.views import SmallCellsDep, ViewDep
from indicators.domain.catalogue import Catalogue
from indicators.usecases.show_figures import show_figures
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, invalid_cursor, page_of
from kit.problems import problem_responses

router = service_router(tags=["indicators"])

_BY_ID: TypeAdapter[tuple[str]] = TypeAdapter(tuple[str])


@router.get("/indicators", operation_id="listIndicators", summary="The catalogue of indicators")
async def list_indicators(caller: Reader, catalogue: CatalogueDep, page: PageDep) -> Page[IndicatorOut]:
    """In the order of the project document. `source` tells which have figures."""
    last = page.key(_BY_ID)
    rows = catalogue.indicators[_place_after(catalogue, last[0]) if last else 0 :][: page.limit + 1]
    kept, following = page_of(rows, page, key=lambda indicator: [indicator.id])
    return Page(items=[IndicatorOut.of(indicator) for indicator in kept], next=following)


@router.get("/figures", operation_id="listFigures", summary="All computed figures of a period, in one call")
async def list_figures(
    *,
    caller: Reader,
    catalogue: CatalogueDep,
    small_cells: SmallCellsDep,
    view: ViewDep,
    period: PeriodDep,
    work: WorkDep,
) -> FigurePage:
    """Those indicators that something feeds; the others are in the catalogue. Of a closed period the approved ones."""
    fed = [indicator for indicator in catalogue.indicators if indicator.is_fed]
    figures = await show_figures(work, small_cells, fed, period, view)
    return FigurePage(
        period=PeriodOut.of(period), territory=work.territory, items=[FigureOut.of(figure) for figure in figures]
    )


@router.get(
    "/indicators/{indicator_id}",
    operation_id="getFigure",
    summary="One figure: value, numerator, denominator, freshness",
    responses=problem_responses(404),
)
async def get_figure(
    *,
    caller: Reader,
    indicator: IndicatorDep,
    small_cells: SmallCellsDep,
    view: ViewDep,
    period: PeriodDep,
    work: WorkDep,
) -> FigureOut:
    """Computed now from the facts, or as it was approved (`approval`), once its period is approved or locked.

    An indicator without a source answers a null value, with the reason.
    """
    (figure,) = await show_figures(work, small_cells, [indicator], period, view)
    return FigureOut.of(figure)


def _place_after(catalogue: Catalogue, indicator_id: str) -> int:
    indicator = catalogue.find(indicator_id)
    if indicator is None:
        raise invalid_cursor()
    return catalogue.indicators.index(indicator) + 1
