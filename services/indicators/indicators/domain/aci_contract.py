"""The contract of a territory under the agreement (*contrat ACI*): size, missions, their dates, variable part."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from indicators.domain.aci_agreement import AgreedMission, Agreement, Code, months_after
from indicators.domain.aci_rules import Rule

Phase = Literal["not_started", "started", "full"]
DueReason = Literal["not_signed", "agreed_freely", "added_after_signature"]


class _Read(BaseModel):
    """A part of `territory.yaml`, which the directory owns: members that are not named here are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Population(_Read):
    """Inhabitants, and who says so."""

    count: int = Field(ge=0)
    year: int | None = None
    source: str | None = None


class Signature(_Read):
    """When the contract was signed. `year_inferred`: the source gives day and month only."""

    signed_on: date
    year_inferred: bool = False
    years: int | None = Field(default=None, ge=1)


class Profile(_Read):
    """What the territory's profile says of its contract; nothing of it need be known."""

    population: Population | None = None
    size: int | None = None
    contract: Signature | None = None
    missions: tuple[Code, ...] = ()


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MissionDates(_Part):
    """Dates of a mission: what this contract asks where it differs from the agreement, and what happened."""

    starts_by: date | None = None
    full_by: date | None = None
    started_on: date | None = None
    full_on: date | None = None
    source: str

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for first, second in (("starts_by", "full_by"), ("started_on", "full_on")):
            before, after = getattr(self, first), getattr(self, second)
            if before and after and after < before:
                raise ValueError(f"{second} {after} is before {first} {before}")
        if self.full_on and not self.started_on:
            raise ValueError("full_on without started_on")
        return self


class OwnContract(_Part):
    """`aci-contract.yaml` of a territory: dates and rules that its contract settles. Without a file: none."""

    version: str = "none"
    missions: dict[Code, MissionDates] = {}
    variable: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        codes = [rule.code for rule in self.variable]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"variable: named twice: {', '.join(twice)}")
        for mission in {rule.mission: None for rule in self.variable}:
            if sum(rule.share for rule in self.variable if rule.mission == mission) != 1:
                raise ValueError(f"variable: the shares of mission {mission} do not sum to 1")
        return self

    def strangers(self, missions: Set[str], indicators: Set[str]) -> Iterator[tuple[str, str]]:
        """Field and what is wrong with it, where it names what the contract or the catalogue does not have."""
        for mission in self.missions:
            if mission not in missions:
                yield f"missions.{mission}", "the territory's contract has no such mission"
        for place, rule in enumerate(self.variable):
            if rule.mission not in missions:
                yield f"variable.{place}.mission", f"the territory's contract has no mission {rule.mission!r}"
            if rule.indicator not in indicators:
                yield f"variable.{place}.indicator", f"unknown indicator {rule.indicator!r}"


@dataclass(frozen=True)
class Contract:
    """The contract of one territory."""

    agreement: Agreement
    profile: Profile
    own: OwnContract

    def rules_of(self, mission: str) -> Sequence[Rule]:
        """The rules of a mission's variable part; none when nobody entered them."""
        return [rule for rule in self.own.variable if rule.mission == mission]

    @property
    def missions(self) -> Mapping[str, AgreedMission]:
        """Missions of the contract, in the order of the agreement."""
        return {code: it for code, it in self.agreement.missions.items() if code in self.profile.missions}


@dataclass(frozen=True)
class MissionStanding:
    """A mission on a day. A date that is not known is None: `unknown_because` says why one due is; `phase` is None
    when nobody said whether it started."""

    code: str
    mission: AgreedMission
    starts_by: date | None
    full_by: date | None
    unknown_because: DueReason | None
    started_on: date | None
    full_on: date | None
    phase: Phase | None
    source: str


def mission_standing(contract: Contract, code: str, today: date) -> MissionStanding:
    """Dates due are the contract's own, else those of the agreement counted from the signature."""
    agreed, own = contract.agreement.missions[code], contract.own.missions.get(code)
    reason = _unknown(agreed, contract.profile.contract)
    starts, full = (None, None) if reason else _agreed(agreed, contract.profile.contract)
    starts = own.starts_by if own and own.starts_by else starts
    full = own.full_by if own and own.full_by else full
    return MissionStanding(
        code=code,
        mission=agreed,
        starts_by=starts,
        full_by=full,
        unknown_because=reason if starts is None or full is None else None,
        started_on=own.started_on if own else None,
        full_on=own.full_on if own else None,
        phase=_phase(own, today),
        source=own.source if own else agreed.source,
    )


def term_end(contract: Contract) -> date | None:
    """The day on which the first term of the contract ends; None when it is not known to be signed."""
    signed = contract.profile.contract
    if signed is None:
        return None
    return months_after(signed.signed_on, 12 * (signed.years or contract.agreement.contract_years))


def _unknown(agreed: AgreedMission, signed: Signature | None) -> DueReason | None:
    if agreed.starts_within_months is None:
        return "agreed_freely"
    if signed is None:
        return "not_signed"
    return "added_after_signature" if agreed.since > signed.signed_on else None


def _agreed(agreed: AgreedMission, signed: Signature | None) -> tuple[date | None, date | None]:
    if signed is None or agreed.starts_within_months is None or agreed.full_within_months is None:
        return None, None
    return (
        months_after(signed.signed_on, agreed.starts_within_months),
        months_after(signed.signed_on, agreed.full_within_months),
    )


def _phase(own: MissionDates | None, today: date) -> Phase | None:
    """A date to come is a plan, not yet a fact."""
    if own is None or own.started_on is None:
        return None
    if own.full_on and own.full_on <= today:
        return "full"
    return "started" if own.started_on <= today else "not_started"
