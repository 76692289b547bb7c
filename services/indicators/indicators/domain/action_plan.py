"""The action plan of a territory (*plan d'actions*, annexe 3) as data: axes, action sheets, steps, indicators."""

from collections.abc import Iterable, Iterator, Set
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from indicators.domain.maturity import Level

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
SHEET_PATTERN = r"^[1-9][0-9]?\.[1-9][0-9]?$"
STEP_PATTERN = r"^[1-9][0-9]?\.[1-9][0-9]?\.[1-9][0-9]?$"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Calendar(_Part):
    """When something is to be done (*calendrier de mise en œuvre*): the document's words, and the days they mean."""

    written: Text
    begins_on: date
    ends_on: date = Field(description="The last day; late begins on the next one")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.begins_on:
            raise ValueError(f"ends_on {self.ends_on} is before begins_on {self.begins_on}")
        return self


class Step(_Part):
    """One operational objective (*objectif opérationnel*). Without a calendar the document gives none."""

    number: Annotated[str, StringConstraints(pattern=STEP_PATTERN)]
    label: Text
    calendar: Calendar | None = None
    indicators: tuple[str, ...] = ()


class Means(_Part):
    """Means that the action needs (*moyens nécessaires*)."""

    human: Text | None = None
    material: Text | None = None
    financial: Text | None = None


class Sheet(_Part):
    """An action sheet (*fiche action*), with its specific objective. `maturity`: as the document states it."""

    number: Annotated[str, StringConstraints(pattern=SHEET_PATTERN)]
    title: Text
    objective: Text
    context: Text | None = None
    population: Text
    existing: Text | None = Field(default=None, description="What was in place before")
    effects: tuple[Text, ...] = ()
    actors: tuple[Text, ...] = Field(min_length=1)
    partners: tuple[Text, ...] = ()
    means: Means = Means()
    calendar: Calendar | None = None
    maturity: Level
    evaluation: tuple[Text, ...] = ()
    indicators: tuple[str, ...] = Field(min_length=1)
    steps: tuple[Step, ...] = Field(min_length=1)

    @field_validator("indicators")
    @classmethod
    def _each_once(cls, indicators: tuple[str, ...]) -> tuple[str, ...]:
        return _unique(indicators)

    @model_validator(mode="after")
    def _steps_are_its_own(self) -> Self:
        _unique(step.number for step in self.steps)
        for step in self.steps:
            if not step.number.startswith(f"{self.number}."):
                raise ValueError(f"steps: {step.number} is no number of sheet {self.number}")
            if strange := [it for it in step.indicators if it not in self.indicators]:
                raise ValueError(f"steps: {step.number}: indicator {strange[0]} is not among those of the sheet")
        return self

    def step(self, number: str) -> Step | None:
        """The step of that number, or None."""
        return next((step for step in self.steps if step.number == number), None)


class Axis(_Part):
    """One axis of the plan, with its general objective."""

    number: int = Field(ge=1, le=20)
    label: Text
    objective: Text
    mission: str | None = Field(default=None, description="Mission of the agreement (ACI) that it answers")
    sheets: tuple[Sheet, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _sheets_are_its_own(self) -> Self:
        _unique(sheet.number for sheet in self.sheets)
        if strange := [it.number for it in self.sheets if not it.number.startswith(f"{self.number}.")]:
            raise ValueError(f"sheets: {strange[0]} is no number of axis {self.number}")
        return self


class ActionPlan(_Part):
    """A plan. Numbers keep their meaning from one version to the next: what was noted hangs on them."""

    version: Text
    title: Text
    source: Text
    adopted_on: date
    axes: tuple[Axis, ...] = Field(min_length=1)

    @field_validator("axes")
    @classmethod
    def _each_once(cls, axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
        _unique(str(axis.number) for axis in axes)
        return axes

    @property
    def sheets(self) -> list[tuple[Axis, Sheet]]:
        """Every sheet with its axis, in the order of the plan."""
        return [(axis, sheet) for axis in self.axes for sheet in axis.sheets]

    def find(self, number: str) -> tuple[Axis, Sheet] | None:
        """The sheet of that number, with its axis, or None."""
        return next((found for found in self.sheets if found[1].number == number), None)

    def strangers(self, indicators: Set[str], missions: Set[str]) -> Iterator[tuple[str, str]]:
        """Field and what is wrong with it, where it names what the catalogue or the agreement does not have.

        Indicators of steps are among those of their sheet.
        """
        for here, axis in enumerate(self.axes):
            if axis.mission is not None and axis.mission not in missions:
                yield f"axes.{here}.mission", f"the agreement has no mission {axis.mission!r}"
            for there, sheet in enumerate(axis.sheets):
                for place, name in enumerate(sheet.indicators):
                    if name not in indicators:
                        yield f"axes.{here}.sheets.{there}.indicators.{place}", f"unknown indicator {name!r}"


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    found = tuple(names)
    if twice := sorted({name for name in found if found.count(name) > 1}):
        raise ValueError(f"named twice: {', '.join(twice)}")
    return found
