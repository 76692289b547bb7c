"""From counts to a figure: its value, or the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from indicators.domain.catalogue import Indicator
from indicators.domain.communes import by_place
from indicators.domain.goals import Baseline, Target
from indicators.domain.intervals import Interval, wilson
from indicators.domain.periods import Period
from indicators.domain.suppression import Cell
from indicators.domain.told import Provenance, Telling
from indicators.domain.trends import Judgement

Status = Literal["computed", "undefined", "no_source", "imported", "manual", "masked"]
Origin = Literal["events", "imported", "manual"]
"""Who says a figure: events that were counted, a file of the funders, or somebody who entered it with a proof."""
Reason = Literal["denominator_zero", "no_source", "masked"]
Gap = Literal["period_open", "slot_unpublished", "call_unreceived", "no_source"]

_DECIMALS = 2


@dataclass(frozen=True)
class Tally:
    """What was counted for one indicator in one period. `breakdown` is by field, then by code.

    None is a number that is hidden (`masking`), and the denominator of what has none.
    """

    numerator: int | None
    denominator: int | None = None
    breakdown: Mapping[str, Mapping[str, int | None]] = field(default_factory=dict)
    apart: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Approval:
    """That a figure is the approved one of its period: the how manieth, by whom, when.

    `late_facts` of the period came after it, the newest at `late_newest`; they are not in the figure.
    """

    number: int
    at: datetime
    by: str
    late_facts: int = 0
    late_newest: datetime | None = None


@dataclass(frozen=True)
class Figure:
    """One indicator in one period of one territory, with all it takes to judge it.

    `as_of` is the time of the newest fact that could move it; `gaps` say why it may still change. `interval` is that of
    a rate; a `masked` one hides a small number, which is not zero. Of an approved one `hidden` are the numbers that
    readers outside are not told (None: approved before that was kept), and `sealed` counts the facts that it stood on.
    """

    indicator: Indicator
    period: Period
    territory: str
    status: Status
    reason: Reason | None
    value: float | int | None
    tally: Tally | None
    as_of: datetime | None
    computed_at: datetime
    gaps: tuple[Gap, ...]
    origin: Origin | None = None
    interval: Interval | None = None
    trend: Judgement | None = None
    target: Target | None = None
    baseline: Baseline | None = None
    masked: bool = False
    provenance: tuple[Provenance, ...] = ()
    approval: Approval | None = None
    hidden: tuple[Cell, ...] | None = None
    sealed: int | None = None

    @property
    def complete(self) -> bool:
        """Whether the period is over and no fact is known to be missing."""
        return not self.gaps


def value_of(indicator: Indicator, tally: Tally | None) -> tuple[Status, Reason | None, float | int | None]:
    """The value in the indicator's unit. Of nothing there is no rate: a zero denominator gives None, never 0."""
    if tally is None:
        return "no_source", "no_source", None
    if tally.numerator is None:
        return "masked", "masked", None
    if indicator.denominator is None:
        return "computed", None, tally.numerator
    if not tally.denominator:
        return "undefined", "denominator_zero", None
    if indicator.unit == "score":
        return "computed", None, round(tally.numerator / tally.denominator, _DECIMALS)
    return "computed", None, round(100 * tally.numerator / tally.denominator, _DECIMALS)


def told_value(telling: Telling) -> tuple[Status, Reason | None, float | int | None]:
    """The value of a figure that is imported or entered; a masked one has none."""
    if telling.told.masked:
        return "masked", "masked", None
    return telling.origin, None, telling.told.value


def told_tally(telling: Telling) -> Tally | None:
    """The numbers behind it, where they are told, with those of the communes."""
    told = telling.told
    return None if told.numerator is None else Tally(told.numerator, told.denominator, by_place(telling.parts))


def interval_of(indicator: Indicator, tally: Tally | None) -> Interval | None:
    """The confidence interval of a rate; None for anything else."""
    if indicator.unit != "percent" or tally is None or tally.numerator is None or tally.denominator is None:
        return None
    return wilson(tally.numerator, tally.denominator)
