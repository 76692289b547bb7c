"""What those outside the CPTS see: the figures of approved and locked periods, small counts of patients hidden.

Routes of their own, so that a token of a funder reaches nothing that is not published, whatever is added elsewhere.
"""

from typing import Annotated

from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from indicators.api.exports import csv_answer
from indicators.api.parameters import CatalogueDep, IndicatorDep
from indicators.api.periods import BY_START, NamedPeriod, start_of
from indicators.api.schemas import FigureOut, FigurePage, PeriodOut
from indicators.api.views import SmallCellsDep
from indicators.domain.catalogue import Catalogue
from indicators.domain.periods import kept_period
from indicators.usecases.read_periods import list_published
from indicators.usecases.show_figures import show_published
from kit.auth import Caller
from kit.http import WorkDep, require, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(prefix="/v1/published", tags=["published"])

Outsider = Annotated[Caller, require("indicators:published")]


class PublishedPeriodOut(BaseModel):
    """A period whose figures are approved; `number` counts its approvals."""

    period: PeriodOut
    number: int
    late_data: bool

    @classmethod
    def of(cls, catalogue: Catalogue, row: Record) -> "PublishedPeriodOut":
        kept = kept_period(row["period_id"], row["starts_at"], row["ends_at"], catalogue.zone)
        return cls(period=PeriodOut.of(kept), number=row["approvals"], late_data=row["late_facts"] > 0)


@router.get("/periods", operation_id="listPublishedPeriods", summary="Periods whose figures are approved")
async def get_published_periods(
    caller: Outsider, catalogue: CatalogueDep, work: WorkDep, page: PageDep
) -> Page[PublishedPeriodOut]:
    """The latest first."""
    kept, following = page_of(await list_published(work, page.key(BY_START), page.limit + 1), page, key=start_of)
    return Page(items=[PublishedPeriodOut.of(catalogue, row) for row in kept], next=following)


@router.get(
    "/periods/{period_id}/figures",
    operation_id="listPublishedFigures",
    summary="All approved figures of a period",
    responses=problem_responses(404),
)
async def get_published_figures(
    caller: Outsider, catalogue: CatalogueDep, small_cells: SmallCellsDep, period: NamedPeriod, work: WorkDep
) -> FigurePage:
    """The whole catalogue; what has no source says so. 404 `period_not_published` while it is not approved."""
    figures = await show_published(work, small_cells, catalogue.followed, period)
    items = [FigureOut.of(figure) for figure in figures]
    return FigurePage(period=PeriodOut.of(period), territory=work.territory, items=items)


@router.get(
    "/periods/{period_id}/figures.csv",
    operation_id="exportPublishedFigures",
    summary="All approved figures of a period as CSV",
    response_class=StreamingResponse,
    responses=problem_responses(404),
)
async def get_published_csv(
    caller: Outsider, catalogue: CatalogueDep, small_cells: SmallCellsDep, period: NamedPeriod, work: WorkDep
) -> StreamingResponse:
    """As `GET /v1/exports/indicators.csv`. A hidden number is an empty cell of a line that says `masked`."""
    return csv_answer(work, period, await show_published(work, small_cells, catalogue.followed, period))


@router.get(
    "/periods/{period_id}/figures/{indicator_id}",
    operation_id="getPublishedFigure",
    summary="One approved figure",
    responses=problem_responses(404),
)
async def get_published_figure(
    caller: Outsider, small_cells: SmallCellsDep, period: NamedPeriod, indicator: IndicatorDep, work: WorkDep
) -> FigureOut:
    """With small counts of patients hidden: `status` or `masked` says so, and never a zero in their place."""
    (figure,) = await show_published(work, small_cells, [indicator], period)
    return FigureOut.of(figure)
