"""The catalogue and its figures."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import TypeAdapter

from indicators.api.figure_filters import BreakdownQuery, filtered, wanted_indicators
from indicators.api.parameters import CatalogueDep, IndicatorDep, PeriodDep, Reader
from indicators.api.revalidation import NOT_MODIFIED, RevalidationDep
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


@router.get(
    "/figures",
    operation_id="listFigures",
    summary="The figures of a period, in one call",
    response_model=FigurePage,
    responses=NOT_MODIFIED,
)
async def list_figures(
    *,
    caller: Reader,
    catalogue: CatalogueDep,
    small_cells: SmallCellsDep,
    view: ViewDep,
    period: PeriodDep,
    work: WorkDep,
    held: RevalidationDep,
    ids: Annotated[str | None, Query(max_length=600, examples=["I-08,I-10"])] = None,
    breakdown: BreakdownQuery = None,
) -> FigurePage | Response:
    """Of the indicators named by `ids`; else of all that the territory follows and of which something is told.

    Of a closed period the approved ones. 422 `indicator_unknown`, `breakdown_unknown`.
    """
    found = await show_figures(work, small_cells, wanted_indicators(catalogue, ids), period, view)
    figures = filtered([it for it in found if ids is not None or it.status != "no_source"], breakdown)
    return held.unchanged(figures) or FigurePage(
        period=PeriodOut.of(period), territory=work.territory, items=[FigureOut.of(figure) for figure in figures]
    )


@router.get(
    "/indicators/{indicator_id}",
    operation_id="getFigure",
    summary="One figure: value, numerator, denominator, freshness",
    response_model=FigureOut,
    responses={**NOT_MODIFIED, **problem_responses(404)},
)
async def get_figure(
    *,
    caller: Reader,
    indicator: IndicatorDep,
    small_cells: SmallCellsDep,
    view: ViewDep,
    period: PeriodDep,
    work: WorkDep,
    held: RevalidationDep,
    breakdown: BreakdownQuery = None,
) -> FigureOut | Response:
    """Computed now from the facts, as it was told, or as it was approved (`approval`), once its period is closed.

    An indicator without a source answers a null value, with the reason.
    """
    (figure,) = filtered(await show_figures(work, small_cells, [indicator], period, view), breakdown)
    return held.unchanged([figure]) or FigureOut.of(figure)


def _place_after(catalogue: Catalogue, indicator_id: str) -> int:
    indicator = catalogue.find(indicator_id)
    if indicator is None:
        raise invalid_cursor()
    return catalogue.indicators.index(indicator) + 1
