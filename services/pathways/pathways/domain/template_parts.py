"""What a pathway is made of, beside its steps. Other parts of the service read these by code."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=63)]
IndicatorId = Annotated[str, StringConstraints(pattern=r"^[IN]-\d{2}$")]
"""Id in the catalogue of indicators, for instance `I-29`."""
PlainLine = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Audience = Literal["patient", "carer", "professional"]
"""Whom a document is for, or who answers a survey: patient, carer (*aidant*), professional."""

Told = Literal["discharge", "doctor-found"]
"""What happens elsewhere and is told to pathways: a hospital tells a discharge home, a search finds a doctor."""


class Part(BaseModel):
    """Base: frozen, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Role(Part):
    """Who answers for steps, for instance the coordinating nurse (*IDE coordinatrice*). Codes: `pathway-codes.yaml`."""

    code: Code
    label: str = Field(min_length=1, max_length=120)


class ConsentText(Part):
    """What the patient was told and agreed to. A changed text takes a new version."""

    version: str = Field(min_length=1, max_length=40)
    text: str = Field(min_length=1)


class Criterion(Part):
    """A condition of entry, answered by who enrols. With `required` an enrolment without an answer is refused."""

    code: Code
    label: str
    excludes: bool = Field(default=False, description="A patient of whom it holds is not taken")
    required: bool = False


class Eligibility(Part):
    """Who may enter (*critères d'inclusion et d'exclusion*). Ages in completed years, both included."""

    min_age: int | None = Field(default=None, ge=0, le=130)
    max_age: int | None = Field(default=None, ge=0, le=130)
    criteria: tuple[Criterion, ...] = ()

    @model_validator(mode="after")
    def _ages_in_order(self) -> Self:
        if self.min_age is not None and self.max_age is not None and self.max_age < self.min_age:
            raise ValueError("max_age: below min_age")
        return self

    def refusals(self, age: int, criteria: Mapping[str, bool]) -> Iterator[tuple[str, str]]:
        """(field, why) for each condition that keeps a patient out."""
        known = {it.code: it for it in self.criteria}
        if not (self.min_age or 0) <= age <= (130 if self.max_age is None else self.max_age):
            yield "patient_id", f"The pathway is for the ages {self.min_age or 0} to {self.max_age or 'any'}"
        for code in sorted(criteria.keys() - known.keys()):
            yield f"criteria.{code}", "The pathway has no such criterion"
        for code, criterion in known.items():
            answer = criteria.get(code)
            if answer is None and criterion.required:
                yield f"criteria.{code}", f"To be answered: {criterion.label}"
            if answer is criterion.excludes:
                yield f"criteria.{code}", f"{'Excluded' if criterion.excludes else 'Not met'}: {criterion.label}"


class Fact(Part):
    """Something that is so or not of a patient and decides which steps are asked for, for instance living alone."""

    code: Code
    label: str
    told_by: Literal["discharge"] | None = Field(default=None, description="What makes it hold, by itself")


class NamedDate(Part):
    """A day that steps count from and that is not known at first, for instance a discharge.

    Until it is told, it is taken to fall `assumed_after_days` after the enrolment: what hangs on it has dates all
    the same, so that a day that nobody ever tells shows as late steps and not as silence.
    """

    code: Code
    label: str
    assumed_after_days: int = Field(ge=0, le=366)
    told_by: Told | None = Field(default=None, description="What tells it, by itself")


class Document(Part):
    """A document of the pathway. `education` is material for patients and carers (*support éducatif*).

    `text` is what such material says: paragraphs in plain words, shown behind the patient's own link. A `care_plan` is
    made here: publishing a version of the personal care plan (PPS) does the steps that it proves.
    """

    code: Code
    label: str
    kind: Literal["plan", "notebook", "letter", "form", "synthesis", "education"]
    audience: tuple[Audience, ...] = Field(min_length=1)
    text: str | None = Field(default=None, min_length=1, max_length=8000)
    care_plan: bool = False

    @model_validator(mode="after")
    def _is_a_plan(self) -> Self:
        if self.care_plan and self.kind != "plan":
            raise ValueError("care_plan: only a document of kind `plan`")
        return self


class PlanTexts(Part):
    """What each personal care plan (PPS) of this pathway says beside steps and team: goals, and what to know."""

    goals: tuple[PlainLine, ...] = ()
    instructions: tuple[PlainLine, ...] = ()


class SurveyUse(Part):
    """A survey that the pathway hands out. The questionnaire itself is found by `key`."""

    key: Code
    audience: Audience
    indicators: tuple[IndicatorId, ...] = ()


class Responder(Part):
    """Who answers, and how long they have before the next one is called."""

    role: Code
    within_minutes: int = Field(ge=1, le=10_080, description="Acknowledged within so many minutes, else the next")


class Alert(Part):
    """A kind of alert on patients of this pathway, and who answers in which order (*astreinte partagée*)."""

    code: Code
    label: str
    source: Literal["telemonitoring", "patient", "hospital", "professional"]
    responders: tuple[Responder, ...] = Field(min_length=1)


class Rung(Part):
    """Who is told next of a step that stays overdue, and on which day after the last day of its window."""

    role: Code
    after_days: int = Field(ge=0, le=366)
