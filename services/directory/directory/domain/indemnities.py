"""What a CPTS pays professionals for their time (décret 2022-375 of 16 March 2022), euros in cents, rounded half up."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from directory.domain.association import Code

IndemnityKind = Literal["lost_income", "mission"]
"""*Indemnité compensatrice de perte de revenus* or *rémunération pour participation à une mission*."""

Euros = Annotated[Decimal, Field(ge=0, le=1_000_000, decimal_places=2)]
CENT = Decimal("0.01")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ceilings(_Part):
    """The PASS by calendar year (`deploy/reference/social-security-ceilings.yaml`)."""

    version: str
    yearly: dict[int, Euros]


class Conditions(_Part):
    """What must hold to be paid."""

    private_practice_or_convention: bool = True
    fee_paid: bool = True


class Mission(_Part):
    """What time is spent on."""

    label: str
    kind: IndemnityKind


class Rate(_Part):
    """Euros an hour between two days, both included; null stands for any."""

    valid_from: date
    valid_to: date | None = None
    profession: str | None = None
    mission: Code | None = None
    per_hour: Euros

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def collides(self, other: "Rate") -> bool:
        same = (self.profession, self.mission) == (other.profession, other.mission)
        return same and (self.holds_on(other.valid_from) or other.holds_on(self.valid_from))


class IndemnityRules(_Part):
    """The rules of a territory. Without a file there are no missions: nothing can be declared."""

    version: str = "none"
    validated_by: str | None = Field(default=None, description="Body that voted the rates")
    conditions: Conditions = Conditions()
    share_of_pass: Decimal = Field(default=Decimal(1), ge=0, le=1)
    yearly_cap: Euros | None = None
    declare_within_days: int | None = Field(default=None, ge=1, le=3660, description="After the day of the time")
    late: Literal["flagged", "refused"] = Field(default="flagged", description="What is declared after that")
    missions: dict[Code, Mission] = {}
    rates: tuple[Rate, ...] = ()

    @model_validator(mode="after")
    def _clear(self) -> Self:
        if any(one.collides(other) for one, other in combinations(self.rates, 2)):
            raise ValueError("rates: two hold on the same day for the same profession and mission")
        unknown = {it.mission for it in self.rates} - {None, *self.missions}
        if unknown:
            raise ValueError(f"rates: no mission {sorted(map(str, unknown))}")
        return self

    def rate(self, profession: str, mission: str, day: date) -> Rate | None:
        """The most particular rate of that day."""
        found = {(it.profession, it.mission): it for it in self.rates if it.holds_on(day)}
        asked = ((profession, mission), (profession, None), (None, mission), (None, None))
        return next((found[key] for key in asked if key in found), None)

    def cap(self, ceilings: Ceilings, year: int) -> Decimal | None:
        """The most that one professional gets in a year, whatever for; None when the PASS of the year is not known."""
        ceiling = ceilings.yearly.get(year)
        if ceiling is None:
            return None
        share = (ceiling * self.share_of_pass).quantize(CENT, ROUND_HALF_UP)
        return share if self.yearly_cap is None else min(share, self.yearly_cap)

    def is_late(self, day: date, declared_on: date) -> bool:
        """Whether time of that day is declared later than the territory asks for."""
        return self.declare_within_days is not None and (declared_on - day).days > self.declare_within_days

    def unmet(self, *, private_practice: bool, convention: bool, fee_paid: bool) -> list[str]:
        """Codes of the conditions that do not hold."""
        found = []
        if self.conditions.private_practice_or_convention and not (private_practice or convention):
            found.append("private_practice_or_convention")
        if self.conditions.fee_paid and not fee_paid:
            found.append("fee_paid")
        return found


def amount_of(per_hour: Decimal, minutes: int) -> Decimal:
    """What the time is worth."""
    return (per_hour * minutes / 60).quantize(CENT, ROUND_HALF_UP)
