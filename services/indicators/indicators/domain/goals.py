"""Where an indicator comes from and where it should go: baseline and target, as a territory states them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from indicators.domain.periods import Period, PeriodKind

Amount = float | int
Source = Annotated[str, StringConstraints(min_length=1, max_length=300)]
For = PeriodKind | Literal["any"]
"""The kind of period that a value is of: a count of a year is not one of a quarter, while a rate may be of any."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Amount
    period: For = "any"
    source: Source

    def is_for(self, period: Period) -> bool:
        """Whether a figure of `period` may be compared with it."""
        return self.period in ("any", period.kind)


class Target(_Part):
    """What the territory wants to reach, in the unit of the indicator; `by` the day at which it should be."""

    by: date | None = None


class Reference(BaseModel):
    """The same figure elsewhere: of a region or of France, by its slug."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    area: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{2,40}$")]
    value: Amount


class Baseline(_Part):
    """The figure from which the territory started, when it was measured, and what it was elsewhere."""

    measured_on: date | None = None
    references: tuple[Reference, ...] = ()
