"""The catalogue and its figures."""

from pydantic import TypeAdapter

from indicators.api.parameters import CatalogueDep, IndicatorDep, PeriodDep, Reader
from indicators.api.schemas import FigureOut, FigurePage, IndicatorOut, PeriodOut
from indicators.domain.catalogue import Catalogue
from indicators.usecases.compute_figures import compute_figures
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
async def list_figures(caller: Reader, catalogue: CatalogueDep, period: PeriodDep, work: WorkDep) -> FigurePage:
    """Those indicators that something feeds; the others are in the catalogue."""
    fed = [indicator for indicator in catalogue.indicators if indicator.is_fed]
    figures = await compute_figures(work, fed, period)
    return FigurePage(
        period=PeriodOut.of(period), territory=work.territory, items=[FigureOut.of(figure) for figure in figures]
    )


@router.get(
    "/indicators/{indicator_id}",
    operation_id="getFigure",
    summary="One figure: value, numerator, denominator, freshness",
    responses=problem_responses(404),
)
async def get_figure(caller: Reader, indicator: IndicatorDep, period: PeriodDep, work: WorkDep) -> FigureOut:
    """Computed now from the facts. An indicator without a source answers a null value, with the reason."""
    (figure,) = await compute_figures(work, [indicator], period)
    return FigureOut.of(figure)


def _place_after(catalogue: Catalogue, indicator_id: str) -> int:
    indicator = catalogue.find(indicator_id)
    if indicator is None:
        raise invalid_cursor()
    return catalogue.indicators.index(indicator) + 1
