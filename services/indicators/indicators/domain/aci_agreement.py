"""The agreement of the CPTS (*accord conventionnel interprofessionnel*, ACI) as national data: sizes and missions.

No amount is here: those by mission and size are not public, each territory enters its own.
"""

from datetime import date
from typing import Annotated, Literal, Self

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SizeClass(_Part):
    """A size (*taille*) and the number of inhabitants from which it holds."""

    size: int = Field(ge=1)
    at_least: int = Field(ge=0)


class SizeClasses(_Part):
    """The classes that hold from a day on."""

    since: date
    source: str
    classes: tuple[SizeClass, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        bounds = [it.at_least for it in self.classes]
        if bounds[0] != 0 or bounds != sorted(set(bounds)):
            raise ValueError("classes: at_least begins with 0 and grows")
        return self


class AgreedMission(_Part):
    """A mission of the agreement. Without months its dates are agreed freely in each contract."""

    label_fr: str
    kind: Literal["base", "optional"]
    since: date = Field(description="Since when the agreement has it")
    starts_within_months: int | None = Field(default=None, ge=0)
    full_within_months: int | None = Field(default=None, ge=0)
    source: str

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if (self.starts_within_months is None) is not (self.full_within_months is None):
            raise ValueError("both delays, or none")
        if (self.full_within_months or 0) < (self.starts_within_months or 0):
            raise ValueError("full_within_months is before starts_within_months")
        return self


class Agreement(_Part):
    """What all contracts have in common."""

    version: str
    signed_on: date
    contract_years: int = Field(ge=1)
    source: str
    sizes: tuple[SizeClasses, ...] = Field(min_length=1)
    missions: dict[Code, AgreedMission]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [it.since for it in self.sizes]
        if days != sorted(set(days)):
            raise ValueError("sizes: since grows")
        return self

    def size_of(self, inhabitants: int, day: date) -> int | None:
        """The size class on a day; None before the first classes."""
        standing = [it for it in self.sizes if it.since <= day]
        if not standing:
            return None
        return max((it for it in standing[-1].classes if it.at_least <= inhabitants), key=lambda it: it.at_least).size


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last one."""
    return day + relativedelta(months=months)
