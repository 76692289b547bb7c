"""One indicator over periods, as numbers and as a picture; one indicator in several territories."""

from typing import Annotated

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from indicators.api.figure_filters import BreakdownQuery, filtered
from indicators.api.parameters import CatalogueDep, CataloguesDep, IndicatorDep, PeriodDep, Reader, period_named
from indicators.api.revalidation import NOT_MODIFIED, RevalidationDep
from indicators.api.schemas import FigureOut, IndicatorOut, PeriodOut
from indicators.api.views import SmallCellsDep, ViewDep
from indicators.domain.catalogue import Catalogue
from indicators.domain.figures import Figure
from indicators.domain.periods import MOST_LETTERS, BadPeriodError, Period, periods_between
from indicators.usecases.compare_territories import compare_territories
from indicators.usecases.draw_series import Language, Picture, draw_series
from indicators.usecases.show_figures import show_series
from kit.auth import Caller
from kit.http import RuntimeDep, WorkDep, require, service_router
from kit.problems import field_problem, problem_responses

router = service_router(tags=["indicators"])

Comparer = Annotated[Caller, require("indicators:compare")]
FromQuery = Annotated[str, Query(alias="from", max_length=MOST_LETTERS, examples=["2026-Q1"])]
ToQuery = Annotated[str, Query(max_length=MOST_LETTERS, examples=["2026-Q4"])]

_MOST_PERIODS, _MOST_TERRITORIES = 40, 20
_MEDIA_TYPES: dict[Picture, str] = {"svg": "image/svg+xml", "png": "image/png"}
_BINARY = {"schema": {"type": "string", "format": "binary"}}


async def _series(
    *,
    catalogue: CatalogueDep,
    indicator: IndicatorDep,
    small_cells: SmallCellsDep,
    view: ViewDep,
    work: WorkDep,
    first: FromQuery,
    to: ToQuery,
) -> list[Figure]:
    """A figure for each period. Raises Problem 422 `period_invalid`, `range_invalid`."""
    return await show_series(work, small_cells, indicator, _range(catalogue, first, to), view)


SeriesDep = Annotated[list[Figure], Depends(_series)]


class SeriesOut(BaseModel):
    """The figures of an indicator, the earliest first; a period of which nothing is known has one without a value."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    indicator: IndicatorOut
    territory: str
    first: str = Field(alias="from")
    last: str = Field(alias="to")
    items: list[FigureOut]
    next: None = Field(default=None, description="Always null: there is one page")


class ComparisonOut(BaseModel):
    """The approved figures of an indicator in one period, a territory each, in the order asked for."""

    indicator: str = Field(examples=["I-10"])
    period: PeriodOut
    items: list[FigureOut]
    unpublished: list[str] = Field(description="Territories that have not approved the period")
    next: None = Field(default=None, description="Always null: there is one page")


@router.get(
    "/indicators/{indicator_id}/series",
    operation_id="getSeries",
    summary="One indicator over periods",
    response_model=SeriesOut,
    responses={**NOT_MODIFIED, **problem_responses(404)},
)
async def get_series(
    *,
    caller: Reader,
    indicator: IndicatorDep,
    series: SeriesDep,
    work: WorkDep,
    held: RevalidationDep,
    first: FromQuery,
    to: ToQuery,
    breakdown: BreakdownQuery = None,
) -> SeriesOut | Response:
    """Both periods included, of one kind, at most 40. 422 `period_invalid`, `range_invalid`, `breakdown_unknown`."""
    shown = filtered(series, breakdown)
    return held.unchanged(shown) or SeriesOut(
        indicator=IndicatorOut.of(indicator),
        territory=work.territory,
        first=first,
        last=to,
        items=[FigureOut.of(figure) for figure in shown],
    )


@router.get(
    "/indicators/{indicator_id}/series.{kind}",
    operation_id="drawSeries",
    summary="One indicator over periods, as a picture",
    response_class=Response,
    responses={
        200: {"description": "SVG or PNG", "content": dict.fromkeys(_MEDIA_TYPES.values(), _BINARY)},
        **NOT_MODIFIED,
        **problem_responses(404),
    },
)
async def get_picture(
    *,
    caller: Reader,
    series: SeriesDep,
    held: RevalidationDep,
    kind: Picture,
    lang: Language = "fr",
) -> Response:
    """With target, baseline and intervals; what is unknown is a gap, what may still change a hollow point."""
    if unchanged := held.unchanged(series):
        return unchanged
    headers = {**held.headers, "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
    return Response(await draw_series(series, kind, lang), media_type=_MEDIA_TYPES[kind], headers=headers)


@router.get(
    "/comparisons",
    operation_id="compareTerritories",
    summary="One indicator in several territories",
    response_model=ComparisonOut,
    responses={**NOT_MODIFIED, **problem_responses(404)},
)
async def get_comparison(
    *,
    caller: Comparer,
    catalogues: CataloguesDep,
    period: PeriodDep,
    small_cells: SmallCellsDep,
    runtime: RuntimeDep,
    held: RevalidationDep,
    indicator: Annotated[str, Query(max_length=20, examples=["I-10"])],
    territories: Annotated[str, Query(max_length=1000, examples=["pays-de-redon,marches-de-bretagne"])],
) -> ComparisonOut | Response:
    """Only those that the token names: its own, and `compare_territories`. Small counts of patients are hidden.

    403 `territory_forbidden`.
    """
    names = [name.strip() for name in territories.split(",") if name.strip()]
    if not 0 < len(names) <= _MOST_TERRITORIES:
        raise field_problem("territories", "territories_invalid", f"Name 1 to {_MOST_TERRITORIES} territories")
    compared = await compare_territories(
        runtime.db, catalogues, small_cells, caller, indicator_id=indicator, period=period, territories=names
    )
    return held.unchanged(compared.figures) or ComparisonOut(
        indicator=indicator,
        period=PeriodOut.of(period),
        items=[FigureOut.of(figure) for figure in compared.figures],
        unpublished=compared.unpublished,
    )


def _range(catalogue: Catalogue, first: str, last: str) -> list[Period]:
    start, end = period_named(first, catalogue, "from"), period_named(last, catalogue, "to")
    try:
        return periods_between(start, end, _MOST_PERIODS)
    except BadPeriodError as error:
        raise field_problem("to", "range_invalid", str(error)) from None
