"""What the variable part would be by the present figures, to the cent, each line explained; unknown stays unknown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from indicators.domain.aci_rules import Rule
from indicators.domain.figures import Figure

Unknown = Literal["figure_unknown", "amount_missing", "rule_missing"]


@dataclass(frozen=True)
class MissionAmounts:
    """A mission's parts for a year, in euros; None is not known."""

    fixed: Decimal | None
    variable: Decimal | None


@dataclass(frozen=True)
class Amounts:
    """Amounts that a territory entered. They hold from `valid_from` on; `number` counts what was ever entered."""

    number: int
    valid_from: date
    source: str
    functioning: Decimal | None
    missions: Mapping[str, MissionAmounts]
    entered_by: str
    entered_at: datetime

    def variable_of(self, mission: str) -> Decimal | None:
        """The variable part of a mission, None when it was not entered."""
        found = self.missions.get(mission)
        return found.variable if found else None


@dataclass(frozen=True)
class ForecastLine:
    """What one rule gives. `earned` is the part of `maximum`; both are None where `unknown` says why."""

    rule: Rule
    figure: Figure
    maximum: Decimal | None
    earned: Fraction | None
    amount: Decimal | None
    unknown: tuple[Unknown, ...]


@dataclass(frozen=True)
class MissionForecast:
    """The lines of a mission. `amount` is None when one of them is unknown, or when it has none."""

    mission: str
    maximum: Decimal | None
    lines: tuple[ForecastLine, ...]
    amount: Decimal | None
    unknown: tuple[Unknown, ...]


def forecast_mission(
    mission: str, rules: Sequence[Rule], figures: Mapping[str, Figure], variable: Decimal | None
) -> MissionForecast:
    """The variable part of a mission from the figures, by id of the indicator."""
    maxima = _shared(variable, [rule.share for rule in rules])
    lines = tuple(_line(rule, figures[rule.indicator], maximum) for rule, maximum in zip(rules, maxima, strict=True))
    missing: tuple[Unknown, ...] = () if rules else ("rule_missing",)
    missing += () if rules or variable is not None else ("amount_missing",)
    unknown = tuple(dict.fromkeys((*missing, *(reason for line in lines for reason in line.unknown))))
    return MissionForecast(mission, variable, lines, whole_sum([line.amount for line in lines]), unknown)


def known_sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """What is known of a sum; None when nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal("0.00")) if known else None


def whole_sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """The sum, None when a part of it is unknown or there is no part."""
    return None if None in amounts else known_sum(amounts)


def _line(rule: Rule, figure: Figure, maximum: Decimal | None) -> ForecastLine:
    earned = None if figure.value is None else rule.earned(figure.value)
    unknown: tuple[Unknown, ...] = ("figure_unknown",) if earned is None else ()
    unknown += ("amount_missing",) if maximum is None else ()
    amount = None if earned is None or maximum is None else _cents(Fraction(maximum) * earned)
    return ForecastLine(rule, figure, maximum, earned, amount, unknown)


def _shared(whole: Decimal | None, shares: Sequence[Fraction]) -> list[Decimal | None]:
    """Cents of `whole`, so that shares that sum to 1 give it exactly: each is the step between two running sums."""
    if whole is None:
        return [None] * len(shares)
    sums = [_cents(Fraction(whole) * sum(shares[:place], Fraction(0))) for place in range(len(shares) + 1)]
    return [after - before for before, after in pairwise(sums)]


def _cents(exact: Fraction) -> Decimal:
    value = Decimal(exact.numerator) / Decimal(exact.denominator)
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
