"""Show the contract (ACI) and what its variable part would be by the present figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

from indicators.domain.aci_contract import Contract, MissionStanding, mission_standing
from indicators.domain.aci_forecast import Amounts, MissionForecast, forecast_mission, known_sum, whole_sum
from indicators.domain.catalogue import Catalogue
from indicators.domain.periods import Period
from indicators.domain.plan_progress import day_of
from indicators.domain.small_cells import SmallCells
from indicators.store import aci_amounts
from indicators.usecases.keep_amounts import amounts_of
from indicators.usecases.show_figures import View, show_figures
from kit.problems import field_problem
from kit.work import Work


@dataclass(frozen=True)
class ContractStanding:
    """The contract on a day, with the amounts that hold on it; `entries` counts what was ever entered."""

    contract: Contract
    day: date
    size: int | None
    missions: Sequence[MissionStanding]
    amounts: Amounts | None
    entries: int


@dataclass(frozen=True)
class Forecast:
    """The variable part of a year. `amount` is None when a part of it is unknown; `known` is what is known of it."""

    period: Period
    contract: Contract
    amounts: Amounts | None
    missions: Sequence[MissionForecast]
    amount: Decimal | None
    known: Decimal | None


async def show_contract(work: Work, contract: Contract, zone: tzinfo, until: datetime | None) -> ContractStanding:
    """As it stands today, or stood before `until`."""
    day = day_of(work.now, until, zone)
    population = contract.profile.population
    return ContractStanding(
        contract=contract,
        day=day,
        size=contract.agreement.size_of(population.count, day) if population else None,
        missions=[mission_standing(contract, code, day) for code in contract.missions],
        amounts=await _holding(work, day, until),
        entries=await aci_amounts.entered(work, until),
    )


async def forecast(
    work: Work,
    small_cells: Mapping[str, SmallCells],
    contract: Contract,
    catalogue: Catalogue,
    *,
    period: Period,
    view: View,
) -> Forecast:
    """By the figures of the year as any reader sees them, and the amounts that hold on its last day.

    From a hidden figure no amount follows. Raises Problem 422.
    """
    if period.kind != "year":
        raise field_problem("period", "period_not_a_year", "Amounts are those of a year: 2026")
    last = (period.end - timedelta(days=1)).astimezone(catalogue.zone).date()
    amounts = await _holding(work, last, None)
    wanted = {rule.indicator for rule in contract.own.variable}
    indicators = [indicator for indicator in catalogue.indicators if indicator.id in wanted]
    shown = await show_figures(work, small_cells, indicators, period, view)
    figures = {figure.indicator.id: figure for figure in shown}
    missions = [
        forecast_mission(code, contract.rules_of(code), figures, amounts.variable_of(code) if amounts else None)
        for code in contract.missions
    ]
    lines = [line.amount for mission in missions for line in mission.lines]
    return Forecast(period, contract, amounts, missions, whole_sum([it.amount for it in missions]), known_sum(lines))


async def _holding(work: Work, day: date, until: datetime | None) -> Amounts | None:
    row = await aci_amounts.holding(work, day, until)
    return None if row is None else amounts_of(row)
