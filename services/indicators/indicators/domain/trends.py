"""Whether a figure went where it should: the expected arrow against what became of it.

It is held against the target when there is one, else against the baseline, else against the period before. It is too
early to say while the period is open, before the day of a target that is not met yet, and when there is nothing to
compare with.
"""

from dataclasses import dataclass
from typing import Literal

from indicators.domain.catalogue import Indicator, Trend
from indicators.domain.periods import Period

Judged = Literal["reached", "not_reached", "too_early"]


@dataclass(frozen=True)
class Comparison:
    """What a figure was held against. `period` names the period before, where that is what it was."""

    kind: Literal["target", "baseline", "previous_period"]
    value: float | int
    period: str | None = None


@dataclass(frozen=True)
class Judgement:
    """The expected arrow, whether it is reached, and against what. Nothing to compare with is `too_early`."""

    expected: Trend
    judged: Judged
    compared_with: Comparison | None


def stated(indicator: Indicator, period: Period) -> Comparison | None:
    """What the territory states for figures of such a period: its target, else its baseline."""
    if indicator.target and indicator.target.is_for(period):
        return Comparison("target", indicator.target.value)
    if indicator.baseline and indicator.baseline.is_for(period):
        return Comparison("baseline", indicator.baseline.value)
    return None


def judge(indicator: Indicator, period: Period, value: float, held: Comparison | None, *, is_open: bool) -> Judgement:
    """The judgement of a known value, held against this."""
    expected = indicator.expected_trend
    if held is None or is_open:
        return Judgement(expected, "too_early", held)
    if _went_there(indicator, value, held):
        return Judgement(expected, "reached", held)
    return Judgement(expected, "too_early" if _has_time(indicator, period, held) else "not_reached", held)


def _went_there(indicator: Indicator, value: float, held: Comparison) -> bool:
    """A target is reached by meeting it, anything else by having moved."""
    if indicator.expected_trend == "stable":
        return abs(value - held.value) <= abs(held.value) * (indicator.stable_within_percent or 0) / 100
    gain = value - held.value if indicator.expected_trend == "up" else held.value - value
    return gain > 0 or (gain == 0 and held.kind == "target")


def _has_time(indicator: Indicator, period: Period, held: Comparison) -> bool:
    """Whether the day of the target comes after the end of the period."""
    by = indicator.target.by if indicator.target and held.kind == "target" else None
    return by is not None and period.end.date() <= by
