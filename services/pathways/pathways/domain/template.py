"""A pathway as a territory writes it (`deploy/territories/<slug>/pathways/<id>.yaml`)."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=63)]
Days = Annotated[int, Field(ge=0, le=3660)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Role(_Part):
    """Who answers for steps, for instance the coordinating nurse (*IDE coordinatrice*)."""

    code: Code
    label: str


class ConsentText(_Part):
    """What the patient was told and agreed to. A changed text takes a new version."""

    version: str
    text: str


class Repetition(_Part):
    """A step that comes back, like a course of chemotherapy (*cure*)."""

    times: int = Field(ge=2, le=100)
    every_days: int = Field(ge=1, le=366)
    tolerance_days: Days = 0


class Step(_Part):
    """Something to be done within a window of calendar days after the enrolment or after another step.

    `after` names a step that stands before this one; of a repeated step it is the last occurrence
    unless `occurrence` says another. Of a repeated step the window is that of the first time; each later
    time counts from the one before: `every_days` after it, with `tolerance_days` to spare.
    """

    code: Code
    label: str
    role: Code
    after: Code | None = None
    occurrence: int | None = Field(default=None, ge=1)
    from_days: Days = 0
    to_days: Days
    repeat: Repetition | None = None

    @model_validator(mode="after")
    def _window_is_open(self) -> Self:
        if self.to_days < self.from_days:
            raise ValueError("to_days: before from_days")
        if self.occurrence is not None and self.after is None:
            raise ValueError("occurrence: of which step? `after` is missing")
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """One key for each time that the step is to be done."""
        if self.repeat is None:
            return (self.code,)
        return tuple(f"{self.code}-{number}" for number in range(1, self.repeat.times + 1))


class Template(_Part):
    """A pathway: roles, consent text, steps in order. `sensitive` keeps the commune out of its events."""

    id: Code
    version: str = Field(min_length=1, max_length=40)
    valid_from: date
    validated_by: str | None = Field(description="The medical body that approved it, null while it is a proposal")
    label: str
    specialty: Code
    sensitive: bool
    roles: tuple[Role, ...] = Field(min_length=1)
    consent: ConsentText
    steps: tuple[Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _steps_hang_together(self) -> Self:
        roles = {role.code for role in self.roles}
        before: dict[str, Step] = {}
        for position, step in enumerate(self.steps):
            for complaint in _complaints(step, roles, before):
                raise ValueError(f"steps.{position} ({step.code}): {complaint}")
            before[step.code] = step
        keys = [key for step in self.steps for key in step.keys]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"steps: named twice: {', '.join(twice)}")
        return self


def _complaints(step: Step, roles: set[str], before: dict[str, Step]) -> Iterator[str]:
    if step.role not in roles:
        yield f"role: {step.role!r} is not among `roles`"
    if step.after is None:
        return
    if step.after not in before:
        yield f"after: {step.after!r} does not stand before this step"
    elif step.occurrence is not None and step.occurrence > len(before[step.after].keys):
        yield f"occurrence: {step.after!r} does not come back that often"
