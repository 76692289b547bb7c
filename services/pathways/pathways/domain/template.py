"""A pathway as a territory writes it (`deploy/territories/<slug>/pathways/<id>.yaml`)."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Self

from pydantic import Field, model_validator

from pathways.domain.template_checks import complaints
from pathways.domain.template_parts import (
    Alert,
    Code,
    ConsentText,
    Document,
    Eligibility,
    Fact,
    IndicatorId,
    NamedDate,
    Part,
    PlanTexts,
    Role,
    Rung,
    SurveyUse,
)
from pathways.domain.template_step import Step


class Template(Part):
    """A pathway: who enters, what is done by whom and when, who answers alerts, what is told to whom.

    `sensitive` keeps the commune out of its events (the *département* instead). A change takes a new `version`: a
    running enrolment stays on the version that it was started under until somebody moves it.
    """

    id: Code
    version: str = Field(min_length=1, max_length=40)
    valid_from: date
    validated_by: str | None = Field(description="The medical body that approved it, null while it is a proposal")
    label: str = Field(min_length=1, max_length=200)
    plain: str | None = Field(default=None, max_length=1000, description="What it is, in plain words, for the patient")
    specialty: Code
    sensitive: bool
    eligibility: Eligibility = Eligibility()
    facts: tuple[Fact, ...] = ()
    dates: tuple[NamedDate, ...] = ()
    roles: tuple[Role, ...] = Field(min_length=1)
    consent: ConsentText
    steps: tuple[Step, ...] = Field(min_length=1)
    escalation: tuple[Rung, ...] = Field(default=(), description="Of overdue steps that have none of their own")
    documents: tuple[Document, ...] = ()
    surveys: tuple[SurveyUse, ...] = ()
    alerts: tuple[Alert, ...] = ()
    plan: PlanTexts = PlanTexts()
    indicators: tuple[IndicatorId, ...] = Field(default=(), description="What its enrolments feed")

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        if complaint := next(complaints(self), None):
            raise ValueError(complaint)
        return self

    def step(self, code: str) -> Step:
        """The step of this code. Raises StopIteration for a code that it does not have."""
        return next(step for step in self.steps if step.code == code)

    def proved_by_plan(self) -> set[str]:
        """Codes of the steps that hand over the personal care plan (PPS), and are proved by that document."""
        plans = {it.code for it in self.documents if it.care_plan}
        return {it.code for it in self.steps if "document" in it.proof and it.document in plans}

    def days(self, started_on: date, told: Mapping[str, date]) -> dict[str, date]:
        """The named days: those that were told, and for the others the assumed ones."""
        assumed = {it.code: started_on + timedelta(days=it.assumed_after_days) for it in self.dates}
        return assumed | {code: day for code, day in told.items() if code in assumed}

    def ladder(self, step: Step) -> tuple[Rung, ...]:
        """Who is told, in which order, of this step when it stays overdue."""
        return self.escalation if step.escalation is None else step.escalation


def asked_for(step: Step, facts: Collection[str]) -> bool:
    """Whether the step is asked for where these facts hold."""
    return set(step.when) <= set(facts) and not set(step.unless) & set(facts)
