"""What several routes take: the catalogue, a period, an indicator."""

from typing import Annotated

from fastapi import Depends, Path, Query

from indicators.domain.catalogue import Catalogue, Indicator
from indicators.domain.periods import MOST_LETTERS, PERIOD_PATTERN, BadPeriodError, Period, quarter_of
from indicators.usecases.load_catalogue import Catalogues, catalogues_of
from kit.auth import Caller
from kit.http import RuntimeDep, WorkDep, require
from kit.problems import Problem, field_problem

Reader = Annotated[Caller, require("indicators:read")]


async def _catalogues(runtime: RuntimeDep) -> Catalogues:
    return catalogues_of(runtime)


async def _catalogue(runtime: RuntimeDep, work: WorkDep) -> Catalogue:
    """That of the caller's territory: a route names its caller before its catalogue."""
    return catalogues_of(runtime).of(work.territory)


CataloguesDep = Annotated[Catalogues, Depends(_catalogues)]
CatalogueDep = Annotated[Catalogue, Depends(_catalogue)]


async def _period(
    catalogue: CatalogueDep,
    work: WorkDep,
    period: Annotated[
        str | None,
        Query(
            description="A year, a half-year, a quarter or a campaign of the territory: 2026, 2026-H2, 2026-Q4, "
            "2026-vaccination (the year in which it begins). Left out: the quarter we are in",
            examples=["2026-Q4"],
            max_length=MOST_LETTERS,
            json_schema_extra={"pattern": PERIOD_PATTERN},
        ),
    ] = None,
) -> Period:
    return quarter_of(work.now, catalogue.zone) if period is None else period_named(period, catalogue)


def period_named(text: str, catalogue: Catalogue, field: str = "period") -> Period:
    """The period that a field of the request names. Raises Problem 422 `period_invalid`."""
    try:
        return catalogue.period(text)
    except BadPeriodError as error:
        raise field_problem(field, "period_invalid", str(error)) from None


async def _indicator(
    catalogue: CatalogueDep, indicator_id: Annotated[str, Path(examples=["I-08"], max_length=20)]
) -> Indicator:
    return indicator_named(indicator_id, catalogue)


def indicator_named(indicator_id: str, catalogue: Catalogue) -> Indicator:
    """Raises Problem 404 `indicator_unknown`."""
    found = catalogue.find(indicator_id)
    if found is None:
        raise Problem(404, "indicator_unknown", f"The catalogue has no indicator {indicator_id!r}")
    return found


PeriodDep = Annotated[Period, Depends(_period)]
IndicatorDep = Annotated[Indicator, Depends(_indicator)]
