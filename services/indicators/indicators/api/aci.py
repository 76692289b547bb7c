"""Routes of the contract under the agreement (*contrat ACI*)."""

from typing import Annotated

from fastapi import Depends, Header, Query, Response
from pydantic import TypeAdapter

from indicators.api.aci_schemas import AmountsIn, AmountsOut, ContractOut, ForecastOut
from indicators.api.parameters import CatalogueDep
from indicators.api.plan_parameters import AciReader, AciWriter, ContractDep
from indicators.api.views import SmallCellsDep, ViewDep
from indicators.domain.aci_forecast import MissionAmounts
from indicators.domain.periods import BadPeriodError, Period, parse_period
from indicators.usecases.keep_amounts import Entered, enter_amounts, list_amounts
from indicators.usecases.show_contract import forecast, show_contract
from kit.as_of import AsOfDep
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import field_problem, problem_responses

router = service_router(prefix="/v1/aci-contract", tags=["ACI contract"])

_BY_NUMBER: TypeAdapter[tuple[int]] = TypeAdapter(tuple[int])


async def _year(
    catalogue: CatalogueDep,
    work: WorkDep,
    period: Annotated[str | None, Query(description="A year; left out, the present one", examples=["2026"])] = None,
) -> Period:
    try:
        return parse_period(period or str(work.now.astimezone(catalogue.zone).year), catalogue.zone)
    except BadPeriodError as error:
        raise field_problem("period", "period_invalid", str(error)) from None


@router.get("", operation_id="getAciContract", summary="The contract: size, missions, dates, amounts, rules")
async def get_contract(
    *,
    caller: AciReader,
    contract: ContractDep,
    catalogue: CatalogueDep,
    work: WorkDep,
    until: AsOfDep,
    response: Response,
) -> ContractOut:
    """Today, or as it stood (`at`). The `ETag` is that of the amounts: it can go into `If-Match`."""
    standing = await show_contract(work, contract, catalogue.zone, until)
    response.headers["ETag"] = f'"{standing.entries}"'
    return ContractOut.of(standing)


@router.get(
    "/forecast", operation_id="forecastVariablePart", summary="The variable part of a year, by the present figures"
)
async def get_forecast(
    *,
    caller: AciReader,
    contract: ContractDep,
    catalogue: CatalogueDep,
    small_cells: SmallCellsDep,
    view: ViewDep,
    work: WorkDep,
    period: Annotated[Period, Depends(_year)],
) -> ForecastOut:
    """Each line: mission, rule, the figure used, what it earns. Unknown where a figure or an amount is, never zero.

    Nothing is extrapolated: a count of a year that goes on is what was counted so far; of a closed year the approved
    figures count. 422 `period_not_a_year`.
    """
    return ForecastOut.of(await forecast(work, small_cells, contract, catalogue, period=period, view=view))


@router.get("/amounts", operation_id="listAciAmounts", summary="Every entry of amounts")
async def get_amounts(*, caller: AciReader, work: WorkDep, page: PageDep) -> Page[AmountsOut]:
    """The latest first. On a day the one with the latest `valid_from` holds; of the same, what was entered last."""
    rows = await list_amounts(work, page.first_key(_BY_NUMBER), page.limit + 1)
    kept, following = page_of(rows, page, key=lambda amounts: [amounts.number])
    return Page(items=[AmountsOut.of(amounts) for amounts in kept], next=following)


@router.put(
    "/amounts",
    operation_id="enterAciAmounts",
    summary="Enter the amounts that hold from a day on",
    responses=problem_responses(412),
)
async def put_amounts(
    *,
    caller: AciWriter,
    contract: ContractDep,
    work: WorkDep,
    body: AmountsIn,
    response: Response,
    if_match: Annotated[str | None, Header(max_length=40, description="`ETag` of what was read")] = None,
) -> AmountsOut:
    """An entry of its own; the same day again is a correction. What was entered before stays in the list.

    422 `mission_unknown`, `before_the_agreement`; 412 `version_mismatch`.
    """
    missions = {code: MissionAmounts(it.fixed, it.variable) for code, it in body.missions.items()}
    entered = Entered(body.valid_from, body.source, body.functioning, missions)
    amounts, entries = await enter_amounts(work, caller, contract, entered, if_match)
    response.headers["ETag"] = f'"{entries}"'
    return AmountsOut.of(amounts)
