"""What several routes take: the catalogue, a period, an indicator."""

from typing import Annotated

from fastapi import Depends, Path, Query

from indicators.domain.catalogue import Catalogue, Indicator
from indicators.domain.periods import PERIOD_PATTERN, BadPeriodError, Period, parse_period, quarter_of
from indicators.usecases.load_catalogue import CATALOGUE
from kit.auth import Caller
from kit.http import RuntimeDep, WorkDep, require
from kit.problems import Problem, field_problem

Reader = Annotated[Caller, require("indicators:read")]


async def _catalogue(runtime: RuntimeDep) -> Catalogue:
    catalogue: Catalogue = runtime.extras[CATALOGUE]
    return catalogue


CatalogueDep = Annotated[Catalogue, Depends(_catalogue)]


async def _period(
    catalogue: CatalogueDep,
    work: WorkDep,
    period: Annotated[
        str | None,
        Query(
            description="A year, a half-year or a quarter: 2026, 2026-H2, 2026-Q4. Left out: the quarter we are in",
            examples=["2026-Q4"],
            json_schema_extra={"pattern": PERIOD_PATTERN},
        ),
    ] = None,
) -> Period:
    if period is None:
        return quarter_of(work.now, catalogue.zone)
    try:
        return parse_period(period, catalogue.zone)
    except BadPeriodError as error:
        raise field_problem("period", "period_invalid", str(error)) from None


async def _indicator(
    catalogue: CatalogueDep, indicator_id: Annotated[str, Path(examples=["I-08"], max_length=20)]
) -> Indicator:
    found = catalogue.find(indicator_id)
    if found is None:
        raise Problem(404, "indicator_unknown", f"The catalogue has no indicator {indicator_id!r}")
    return found


PeriodDep = Annotated[Period, Depends(_period)]
IndicatorDep = Annotated[Indicator, Depends(_indicator)]
