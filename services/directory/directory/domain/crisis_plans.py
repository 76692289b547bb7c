"""Crisis plans (*schémas ORSAN*, plans of the CPTS): codes, the rules of a territory, when they are due for review."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal, Self, TypeAlias

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel, ConfigDict, Field, model_validator

PlanState: TypeAlias = Literal["draft", "adopted", "revised", "withdrawn"]
"""Never adopted; adopted as it stands; adopted, and its next version is being written; out of force."""
ReviewState: TypeAlias = Literal["none", "planned", "due", "overdue"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlanType(_Part):
    """A type of plan. `orsan`: counted by I-62; `follows`: the type that took the place of this older one."""

    label: str
    orsan: bool
    follows: str | None = None


class CallUpRules(_Part):
    """How volunteers are called: within a radius, the nearest first, some at a time."""

    radius_km: float = Field(gt=0, le=300)
    wave_size: int = Field(ge=1, le=500)
    wave_minutes: int = Field(ge=1, le=7 * 24 * 60)


class CrisisRules(_Part):
    """The rules in force on a territory."""

    review_months: int = Field(ge=1, le=60)
    review_notice_days: int = Field(ge=0, le=366)
    call_up: CallUpRules


class TerritoryCrisis(_Part):
    """`deploy/territories/<slug>/crisis.yaml`: what differs here from the reference."""

    version: str = Field(max_length=40)
    review_months: int | None = None
    review_notice_days: int | None = None
    call_up: CallUpRules | None = None


class VaccinationCodes(_Part):
    """`masked`: how sources write a number that they may not tell, in lower case."""

    masked: frozenset[str]


class CrisisCodes(_Part):
    """`deploy/reference/crisis.yaml`: versioned codes with their French labels, and the rules by default."""

    version: str = Field(max_length=40)
    roster_kinds: dict[str, str]
    plan_types: dict[str, PlanType]
    document_kinds: dict[str, str]
    exercise_kinds: dict[str, str]
    journal_kinds: dict[str, str]
    rules: CrisisRules
    vaccination: VaccinationCodes

    @model_validator(mode="after")
    def _follows_are_known(self) -> Self:
        if unknown := {it.follows for it in self.plan_types.values() if it.follows} - self.plan_types.keys():
            raise ValueError(f"plan_types: follows unknown types {', '.join(sorted(unknown))}")
        return self


def rules_by_territory(
    codes: CrisisCodes, own: Mapping[str, TerritoryCrisis], territories: Mapping[str, object]
) -> dict[str, CrisisRules]:
    """What each territory says over what the reference says. Raises ValueError for a value out of bounds."""
    base = codes.rules.model_dump()
    return {
        slug: CrisisRules.model_validate(
            base | (own[slug].model_dump(exclude_none=True, exclude={"version"}) if slug in own else {})
        )
        for slug in territories
    }


def review_day(adopted_on: date, months: int) -> date:
    """So many months later, on the last day of a shorter month."""
    return adopted_on + relativedelta(months=months)


def review_state(review_on: date | None, today: date, notice_days: int) -> ReviewState:
    """Whether a plan is to be read again."""
    if review_on is None:
        return "none"
    if today > review_on:
        return "overdue"
    return "due" if today >= review_on - timedelta(days=notice_days) else "planned"
