"""Vital signs (*constantes*): what may be stated, and the range that a policy allows at an age.

The code of a sign names its unit. The limits of the input are those of a possible measure, not of health:
a value outside them is a slip of the keyboard. What a patient of that age may be sent to town with is policy.
"""

from collections.abc import Iterator
from typing import Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from snp_dispatch.domain.catalogue import Rules

VitalSign: TypeAlias = Literal[
    "systolic_mmhg",
    "heart_rate_per_min",
    "respiratory_rate_per_min",
    "spo2_percent",
    "temperature_celsius",
    "gcs",
    "glucose_mmol_l",
]
VITAL_SIGNS: tuple[VitalSign, ...] = get_args(VitalSign)


class VitalSignsStated(BaseModel):
    """What was measured; a sign that was not measured is left out. Stays in this service, never in an event."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    systolic_mmhg: int | None = Field(default=None, ge=0, le=350, description="Systolic blood pressure, mmHg")
    heart_rate_per_min: int | None = Field(default=None, ge=0, le=350, description="Beats a minute")
    respiratory_rate_per_min: int | None = Field(default=None, ge=0, le=150, description="Breaths a minute")
    spo2_percent: int | None = Field(default=None, ge=0, le=100, description="Oxygen saturation in room air, %")
    temperature_celsius: float | None = Field(
        default=None, ge=20, le=46, allow_inf_nan=False, description="Degrees Celsius"
    )
    gcs: int | None = Field(default=None, ge=3, le=15, description="Glasgow Coma Scale")
    glucose_mmol_l: float | None = Field(
        default=None, ge=0, le=80, allow_inf_nan=False, description="Capillary glucose, mmol/L (1 g/L is 5.55)"
    )


class VitalRange(Rules):
    """Both bounds belong to it; a bound that is left out is none."""

    min: float | None = None
    max: float | None = None

    def holds(self, value: float) -> bool:
        return (self.min is None or value >= self.min) and (self.max is None or value <= self.max)

    @model_validator(mode="after")
    def _bounded(self) -> "VitalRange":
        if self.min is None and self.max is None:
            raise ValueError("a range needs min or max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is greater than max")
        return self


class VitalBand(Rules):
    """Ranges of an age band: from `from_age` years until the next band begins."""

    from_age: int = Field(ge=0, le=130)
    ranges: dict[VitalSign, VitalRange] = Field(min_length=1)


class VitalRules(Rules):
    """What a policy asks of the vital signs of calls from one origin."""

    required: frozenset[VitalSign] = Field(default=frozenset(), description="Must have been measured")
    bands: tuple[VitalBand, ...] = Field(default=(), description="Allowed ranges by age, from 0 years upwards")

    def ranges_at(self, age: int) -> dict[VitalSign, VitalRange]:
        """The ranges for an age in years; none when the policy sets none."""
        return next((band.ranges for band in reversed(self.bands) if band.from_age <= age), {})

    @model_validator(mode="after")
    def _ordered(self) -> "VitalRules":
        ages = [band.from_age for band in self.bands]
        if ages and (ages[0] != 0 or ages != sorted(set(ages))):
            raise ValueError("bands start at age 0 and go up")
        return self


def measured(stated: VitalSignsStated | None) -> dict[VitalSign, float]:
    """The signs that were measured, in the order of their codes."""
    return dict(_measured(stated)) if stated else {}


def _measured(stated: VitalSignsStated) -> Iterator[tuple[VitalSign, float]]:
    for code in VITAL_SIGNS:
        value = getattr(stated, code)
        if value is not None:
            yield code, value
