"""How a sum is shared among members (*répartition des financements*), exactly, each line explained.

The agreement (ACI) pays the association, which chooses how it shares the money: keys of sharing are data of the
territory (`deploy/territories/<slug>/funding.yaml`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from directory.domain.association import Code, Share

Basis = Literal["equal", "minutes", "stated"]
"""One part each; time validated in the period; a figure that is given for each member (patients followed ...)."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Key(_Part):
    """A key of sharing (*clé de répartition*)."""

    label: str
    basis: Basis
    unit: str = Field(default="part", description="What is counted, to read")
    missions: tuple[Code, ...] = Field(default=(), description="Of `minutes`: missions that count; none: all")
    categories: tuple[Code, ...] = Field(default=(), description="Members of these only; none: all")


class KeyPart(_Part):
    """A part of a pot that is shared by one key."""

    key: Code
    share: Share


class Pot(_Part):
    """A sum to share, for instance that of a mission (*enveloppe*)."""

    label: str
    parts: tuple[KeyPart, ...] = Field(min_length=1)


class FundingRules(_Part):
    """The rules of a territory. Without a file there are no pots: nothing can be shared."""

    version: str = "none"
    approval: Literal["vote", "coordinator"] = "vote"
    keys: dict[Code, Key] = {}
    pots: dict[Code, Pot] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, pot in self.pots.items():
            keys = [it.key for it in pot.parts]
            if unknown := set(keys) - set(self.keys):
                raise ValueError(f"pots: {name}: no key {sorted(unknown)}")
            if len(set(keys)) < len(keys):
                raise ValueError(f"pots: {name}: a key stands twice")
            if sum(it.share for it in pot.parts) != 1:
                raise ValueError(f"pots: {name}: the shares do not sum to 1")
        return self


@dataclass(frozen=True)
class Counted:
    """A part of the pot with what each member counts in it."""

    key: str
    share: Fraction
    weights: Mapping[UUID, int]

    @property
    def whole(self) -> int:
        return sum(self.weights.values())


@dataclass(frozen=True)
class Slice:
    """What one key gives one member, before rounding."""

    key: str
    weight: int
    whole: int
    share: Fraction
    exact: Fraction


@dataclass(frozen=True)
class Given:
    """What one member gets: the exact sum of the slices, rounded so that all amounts sum to the total."""

    member_id: UUID
    amount: Decimal
    exact: Fraction
    slices: tuple[Slice, ...]


def share_out(total: Decimal, parts: Sequence[Counted]) -> list[Given]:
    """Splits euros and cents among the members who count in any part, by id.

    Raises ValueError, with the key, when nobody counts in a part.
    """
    for part in parts:
        if part.whole <= 0:
            raise ValueError(part.key)
    members = sorted({member for part in parts for member, weight in part.weights.items() if weight})
    slices = {member: tuple(_slices(total, parts, member)) for member in members}
    exact = {member: sum((it.exact for it in slices[member]), Fraction(0)) for member in members}
    amounts = _rounded(exact)
    return [Given(member, amounts[member], exact[member], slices[member]) for member in members]


def _slices(total: Decimal, parts: Sequence[Counted], member: UUID) -> list[Slice]:
    return [
        Slice(part.key, weight, part.whole, part.share, Fraction(total) * part.share * Fraction(weight, part.whole))
        for part in parts
        if (weight := part.weights.get(member, 0))
    ]


def _rounded(exact: Mapping[UUID, Fraction]) -> dict[UUID, Decimal]:
    """Largest remainders: every amount is cut to the cent, the cents left go to who lost most, then by id."""
    cents = {member: int(value * 100) for member, value in exact.items()}
    left = int(sum(exact.values(), Fraction(0)) * 100) - sum(cents.values())
    order = sorted(exact, key=lambda member: (cents[member] - exact[member] * 100, member))
    for member in order[:left]:
        cents[member] += 1
    return {member: Decimal(value).scaleb(-2) for member, value in cents.items()}
