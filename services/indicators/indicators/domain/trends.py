"""Whether a figure went where it should: the expected arrow against what became of it."""

from dataclasses import dataclass
from typing import Literal

from indicators.domain.catalogue import Trend

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
