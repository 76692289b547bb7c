"""What a territory owes its professionals for reserved slots whose patient did not come.

*Valorisation des SNP non honorés*: a choice of each CPTS, off by default (`snp-compensation.yaml`). An unfilled slot is
never paid: nobody is paid for waiting. Amounts are euros in cents, rounded half up visit by visit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator

from snp_dispatch.domain.catalogue import Audience, Rules

Euros = Annotated[Decimal, Field(ge=0, le=1_000_000)]
CENT = Decimal("0.01")


class Ceilings(Rules):
    """The PASS by calendar year (`deploy/reference/social-security-ceilings.yaml`)."""

    version: str
    yearly: dict[int, Euros]


class Rate(Rules):
    """What one missed visit is worth, between two days (both included)."""

    valid_from: date
    valid_to: date | None = None
    profession: str | None = Field(default=None, description="Null: professions without a rate of their own that day")
    per_slot: Euros | None = None
    per_minute: Euros | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Rate":
        if (self.per_slot is None) == (self.per_minute is None):
            raise ValueError("give per_slot or per_minute")
        return self

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def overlaps(self, other: "Rate") -> bool:
        return self.profession == other.profession and (
            self.holds_on(other.valid_from) or other.holds_on(self.valid_from)
        )

    def amount(self, minutes: Decimal) -> Decimal:
        worth = self.per_slot if self.per_slot is not None else (self.per_minute or Decimal(0)) * minutes
        return worth.quantize(CENT, ROUND_HALF_UP)


class CompensationRules(Rules):
    """The rule of a territory. Without a file: off."""

    version: str = "none"
    enabled: bool = False
    validated_by: str | None = Field(default=None, description="Body of the CPTS that voted for it")
    reserved: frozenset[Audience] = frozenset({"CPTS"})
    never: frozenset[Audience] = frozenset({"PUBLIC"})
    share_of_pass: Decimal = Field(default=Decimal(1), ge=0, le=1)
    yearly_cap: Euros | None = None
    rates: tuple[Rate, ...] = ()

    @model_validator(mode="after")
    def _clear(self) -> "CompensationRules":
        if any(one.overlaps(other) for one, other in combinations(self.rates, 2)):
            raise ValueError("two rates of a profession hold on the same day")
        return self

    def is_reserved(self, audience: Iterable[str]) -> bool:
        """Whether a slot that is open to these was kept for the territory's own patients."""
        open_to = set(audience)
        return bool(open_to & self.reserved) and not open_to & self.never

    def rate(self, profession: str, day: date) -> Rate | None:
        """The profession's own rate of that day, else the one for all, else none."""
        found = {it.profession: it for it in self.rates if it.holds_on(day)}
        return found.get(profession) or found.get(None)

    def cap(self, ceilings: Ceilings, year: int) -> Decimal | None:
        """The most that one professional gets in a year; None when the PASS of the year is not known."""
        ceiling = ceilings.yearly.get(year)
        if ceiling is None:
            return None
        share = (ceiling * self.share_of_pass).quantize(CENT, ROUND_HALF_UP)
        return share if self.yearly_cap is None else min(share, self.yearly_cap)


@dataclass(frozen=True)
class Missed:
    """A visit that did not take place. `day` is that of its start by the clock of the territory."""

    booking_id: UUID
    profession: str
    starts_at: datetime
    ends_at: datetime
    day: date
    audience: frozenset[str]
    absent: str


@dataclass(frozen=True)
class Line:
    """A visit that counts: what it is worth, and what of it lies under the cap of the year."""

    booking_id: UUID
    day: date
    amount: Decimal
    owed: Decimal


def lines(rules: CompensationRules, cap: Decimal, visits: Iterable[Missed]) -> list[Line]:
    """What is owed one professional for the missed visits of one calendar year, the earliest first.

    The cap is used up in the order of the visits, so that a figure never changes by what comes later.
    """
    left, found = cap, []
    for visit in sorted(visits, key=lambda it: (it.starts_at, it.booking_id)):
        amount = worth(rules, visit)
        if amount is not None:
            owed = min(amount, left)
            left -= owed
            found.append(Line(visit.booking_id, visit.day, amount, owed))
    return found


def worth(rules: CompensationRules, visit: Missed) -> Decimal | None:
    """What one missed visit is worth before any ceiling; None when it is not paid for."""
    if not rules.enabled or visit.absent != "patient" or not rules.is_reserved(visit.audience):
        return None
    rate = rules.rate(visit.profession, visit.day)
    return rate.amount(Decimal((visit.ends_at - visit.starts_at).total_seconds()) / 60) if rate else None
