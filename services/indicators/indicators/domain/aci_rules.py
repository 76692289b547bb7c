"""How an indicator moves the variable part (*part variable*) of a mission: thresholds, or a straight line."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, model_validator

from indicators.domain.aci_agreement import Code

Basis = Literal["contract", "example"]


def _fraction(value: Any) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if not isinstance(value, str):
        raise ValueError("write a share in quotes, for instance '1/2' or '65/100'")
    try:
        found = Fraction(value)
    except (ValueError, ZeroDivisionError):
        raise ValueError("not a share, for instance '1/2'") from None
    if not 0 < found <= 1:
        raise ValueError("above 0, at most 1")
    return found


Share = Annotated[Fraction, PlainValidator(_fraction, json_schema_input_type=str), PlainSerializer(str, str)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Threshold(_Part):
    """What is earned of the rule's share once the figure is at least, or at most, this."""

    at_least: Decimal | None = None
    at_most: Decimal | None = None
    earns: Share

    @model_validator(mode="after")
    def _says_one(self) -> Self:
        if (self.at_least is None) is (self.at_most is None):
            raise ValueError("say at_least or at_most")
        return self

    def reached(self, value: Fraction) -> bool:
        """Whether the figure meets it."""
        if self.at_least is not None:
            return value >= Fraction(self.at_least)
        return self.at_most is not None and value <= Fraction(self.at_most)


class Line(_Part):
    """Nothing is earned at one figure, all of it at the other, in proportion between them."""

    nothing_at: Decimal
    all_at: Decimal

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.nothing_at == self.all_at:
            raise ValueError("nothing_at and all_at are the same")
        return self


class Rule(_Part):
    """One indicator of the contract. `share`: of its mission's variable part. `basis`: of the contract, or made up."""

    code: Code
    mission: Code
    indicator: str
    share: Share
    basis: Basis
    source: str
    thresholds: tuple[Threshold, ...] = ()
    linear: Line | None = None

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        if bool(self.thresholds) is (self.linear is not None):
            raise ValueError("say thresholds or linear")
        _check_order(self.thresholds)
        return self

    def earned(self, value: float) -> Fraction:
        """The part of the share that a figure earns, from 0 to 1."""
        figure = Fraction(str(value))
        if self.linear is None:
            return max((it.earns for it in self.thresholds if it.reached(figure)), default=Fraction(0))
        low, high = Fraction(self.linear.nothing_at), Fraction(self.linear.all_at)
        return min(Fraction(1), max(Fraction(0), (figure - low) / (high - low)))


def _check_order(thresholds: Sequence[Threshold]) -> None:
    for first, second in pairwise(thresholds):
        if first.at_least is not None and second.at_least is not None:
            harder = second.at_least > first.at_least
        elif first.at_most is not None and second.at_most is not None:
            harder = second.at_most < first.at_most
        else:
            raise ValueError("thresholds: at_least and at_most are mixed")
        if not harder or second.earns <= first.earns:
            raise ValueError("thresholds: each is harder to reach than the one before, and earns more")
