"""What the routes of the contract (ACI) take and answer. Amounts are euros a year; null is not known, never zero."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from indicators.api.schemas import FigureOut, PeriodOut
from indicators.domain.aci_contract import DueReason, MissionStanding, Phase, Population, Signature, term_end
from indicators.domain.aci_forecast import Amounts, ForecastLine, MissionAmounts, MissionForecast, Unknown
from indicators.domain.aci_rules import Basis, Line, Threshold
from indicators.usecases.show_contract import ContractStanding, Forecast

Euros = Annotated[Decimal, Field(ge=0, le=10_000_000, max_digits=10, decimal_places=2)]
Source = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class MissionAmountsIn(BaseModel):
    """The two parts of a mission for a year; leave out what is not known."""

    model_config = ConfigDict(extra="forbid")

    fixed: Euros | None = None
    variable: Euros | None = None


class AmountsIn(BaseModel):
    """The whole set of amounts from a day on: what is left out is not known from that day."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "valid_from": "2026-01-01",
                    "source": "Contrat, annexe 2",
                    "functioning": "75000.00",
                    "missions": {"access": {"fixed": "40000.00", "variable": "20000.00"}},
                }
            ]
        },
    )

    valid_from: date
    source: Source
    functioning: Euros | None = Field(default=None, description="For the functioning of the CPTS, of no mission")
    missions: dict[str, MissionAmountsIn] = Field(default={}, max_length=20)


class MissionAmountsOut(BaseModel):
    """The two parts of a mission for a year."""

    fixed: Decimal | None
    variable: Decimal | None


class AmountsOut(BaseModel):
    """Amounts as they were entered. `number` counts the entries of the territory."""

    number: int
    valid_from: date
    source: str
    functioning: Decimal | None
    missions: dict[str, MissionAmountsOut]
    entered_by: str
    entered_at: datetime

    @classmethod
    def of(cls, amounts: Amounts) -> "AmountsOut":
        return cls(**{**vars(amounts), "missions": {code: _parts(it) for code, it in amounts.missions.items()}})


def _parts(amounts: MissionAmounts) -> MissionAmountsOut:
    return MissionAmountsOut(fixed=amounts.fixed, variable=amounts.variable)


class SizeOut(BaseModel):
    """The size class of the CPTS (*taille*): by the agreement's bounds, and as its documents state it."""

    by_population: int | None = Field(description="Null when the population is not known", examples=[3])
    stated: int | None
    agrees: bool | None = Field(description="Null when one of the two is not known")
    population: Population | None


class MissionOut(BaseModel):
    """A mission of the contract. A date that is not known is null; `unknown_because` says why one that is due is."""

    code: str = Field(examples=["access"])
    label_fr: str
    kind: Literal["base", "optional"]
    starts_by: date | None = Field(description="The day by which it must have started")
    full_by: date | None = Field(description="The day by which it must be fully deployed")
    unknown_because: DueReason | None
    started_on: date | None
    full_on: date | None
    phase: Phase | None = Field(description="Null when nobody said whether it started")
    source: str
    amounts: MissionAmountsOut | None
    rules: list[str] = Field(description="Codes of the rules of its variable part")


class RuleOut(BaseModel):
    """How an indicator moves the variable part of its mission. `basis`: of the contract, or an example."""

    code: str
    mission: str
    indicator: str
    share: str = Field(description="Of the mission's variable part", examples=["1/2"])
    basis: Basis
    source: str
    thresholds: tuple[Threshold, ...]
    linear: Line | None


class ContractOut(BaseModel):
    """The contract under the agreement (*contrat ACI*) on a day."""

    agreement_version: str
    rules_version: str
    as_of: date
    signature: Signature | None
    term_ends_on: date | None = Field(description="End of the first term, if it was not renewed")
    size: SizeOut
    missions: list[MissionOut]
    rules: list[RuleOut]
    amounts: AmountsOut | None = Field(description="Those that hold on that day; null when none were entered")
    amounts_entries: int = Field(description="The `ETag` of the amounts: how many entries there are")

    @classmethod
    def of(cls, standing: ContractStanding) -> "ContractOut":
        contract, profile = standing.contract, standing.contract.profile
        amounts = standing.amounts
        return cls(
            agreement_version=contract.agreement.version,
            rules_version=contract.own.version,
            as_of=standing.day,
            signature=profile.contract,
            term_ends_on=term_end(contract),
            size=_size(standing),
            missions=[
                _mission(it, amounts.missions if amounts else {}, [rule.code for rule in contract.rules_of(it.code)])
                for it in standing.missions
            ],
            rules=[RuleOut.model_validate(rule.model_dump()) for rule in contract.own.variable],
            amounts=AmountsOut.of(amounts) if amounts else None,
            amounts_entries=standing.entries,
        )


def _size(standing: ContractStanding) -> SizeOut:
    profile, found = standing.contract.profile, standing.size
    agrees = None if found is None or profile.size is None else found == profile.size
    return SizeOut(by_population=found, stated=profile.size, agrees=agrees, population=profile.population)


def _mission(it: MissionStanding, amounts: Mapping[str, MissionAmounts], rules: list[str]) -> MissionOut:
    return MissionOut(
        code=it.code,
        label_fr=it.mission.label_fr,
        kind=it.mission.kind,
        starts_by=it.starts_by,
        full_by=it.full_by,
        unknown_because=it.unknown_because,
        started_on=it.started_on,
        full_on=it.full_on,
        phase=it.phase,
        source=it.source,
        amounts=_parts(amounts[it.code]) if it.code in amounts else None,
        rules=rules,
    )


class ForecastLineOut(BaseModel):
    """What one rule gives: `amount` is `earned` of `maximum`. Where something is unknown, `unknown_because` says it."""

    rule: RuleOut
    figure: FigureOut
    maximum: Decimal | None
    earned: str | None = Field(description="From 0 to 1", examples=["1/2"])
    amount: Decimal | None
    unknown_because: tuple[Unknown, ...]

    @classmethod
    def of(cls, line: ForecastLine) -> "ForecastLineOut":
        return cls(
            rule=RuleOut.model_validate(line.rule.model_dump()),
            figure=FigureOut.of(line.figure),
            maximum=line.maximum,
            earned=None if line.earned is None else str(line.earned),
            amount=line.amount,
            unknown_because=line.unknown,
        )


class MissionForecastOut(BaseModel):
    """The variable part of a mission: null when a part of it is unknown."""

    mission: str
    maximum: Decimal | None
    amount: Decimal | None
    unknown_because: tuple[Unknown, ...]
    lines: list[ForecastLineOut]

    @classmethod
    def of(cls, it: MissionForecast) -> "MissionForecastOut":
        lines = [ForecastLineOut.of(line) for line in it.lines]
        return cls(mission=it.mission, maximum=it.maximum, amount=it.amount, unknown_because=it.unknown, lines=lines)


class ForecastOut(BaseModel):
    """The variable part of a year by the figures of now: nothing is extrapolated to the end of the year."""

    period: PeriodOut
    rules_version: str
    amounts: AmountsOut | None = Field(description="Those that hold on the last day of the year")
    amount: Decimal | None = Field(description="Null when a part of it is unknown")
    known_amount: Decimal | None = Field(description="What is known of it; null when nothing is")
    missions: list[MissionForecastOut]

    @classmethod
    def of(cls, forecast: Forecast) -> "ForecastOut":
        return cls(
            period=PeriodOut.of(forecast.period),
            rules_version=forecast.contract.own.version,
            amounts=AmountsOut.of(forecast.amounts) if forecast.amounts else None,
            amount=forecast.amount,
            known_amount=forecast.known,
            missions=[MissionForecastOut.of(it) for it in forecast.missions],
        )
