"""One step of a pathway, as a territory writes it."""

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pathways.domain.template_parts import Code, IndicatorId, Part, Rung

Days = Annotated[int, Field(ge=-366, le=3660)]
ProofKind = Literal["declaration", "document", "visit", "survey", "attendance"]
"""What proves a step done: who answers for it says so, a document was shared, a booked visit took place, a survey was
answered, a group session was attended."""


class Repetition(Part):
    """A step that comes back, like a course of chemotherapy (*cure*)."""

    times: int = Field(ge=2, le=100)
    every_days: int = Field(ge=1, le=366)
    tolerance_days: int = Field(default=0, ge=0, le=366)


class NeededVisit(Part):
    """The visit that a step needs. The dispatch is asked for it once the step is due, or only once it is overdue."""

    profession: str = Field(pattern=r"^\d{2}$", description="TRE_G15")
    specialty: Code | None = None
    act: str | None = Field(default=None, max_length=40, description="An act of snp-codes.yaml")
    modes: tuple[Literal["AMB", "HH", "VR"], ...] = Field(default=("AMB",), min_length=1)
    asked: Literal["due", "overdue"] = "due"
    within_days: int = Field(default=7, ge=1, le=60, description="Deadline of the visit once the step is overdue")
    attempts: int = Field(default=3, ge=1, le=10, description="How often it is asked for before people are told")


class Step(Part):
    """Something to be done within a window of calendar days, by who has a role.

    The window counts from the enrolment, from a named day (`date`), or from another step (`after`): of a repeated
    step from its last time unless `occurrence` says another, or, with `each`, from every time: then this step comes
    back as often. Days may be negative: a blood test three to one days before each course. Of a repeated step the
    window is that of the first time; each later time counts from the one before: `every_days` after it, with
    `tolerance_days` to spare.
    """

    code: Code
    label: str = Field(min_length=1, max_length=200)
    plain: str | None = Field(default=None, max_length=300, description="The same in plain words, for the patient")
    role: Code
    gravity: int = Field(
        default=2,
        ge=1,
        le=3,
        description="Of a break: 1 may harm the patient, 2 delays care, 3 is to catch up",
    )
    after: Code | None = None
    occurrence: int | None = Field(default=None, ge=1)
    each: bool = False
    date: Code | None = None
    from_days: Days = 0
    to_days: Days
    repeat: Repetition | None = None
    when: tuple[Code, ...] = Field(default=(), description="Asked for only where all of these facts hold")
    unless: tuple[Code, ...] = Field(default=(), description="Not asked for where one of these facts holds")
    proof: tuple[ProofKind, ...] = Field(default=("declaration",), min_length=1)
    document: Code | None = Field(default=None, description="The document that it hands over")
    survey: Code | None = Field(default=None, description="The survey that it hands out")
    done_by: Literal["doctor-found"] | None = Field(default=None, description="What does it, by itself")
    needs_visit: NeededVisit | None = None
    escalation: tuple[Rung, ...] | None = Field(default=None, description="Of this step; else that of the pathway")
    indicators: tuple[IndicatorId, ...] = ()

    @property
    def visit(self) -> Literal["due", "overdue"] | None:
        """When the visit that it needs is asked for; None when it needs none."""
        return self.needs_visit.asked if self.needs_visit else None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if complaint := next(_contradictions(self), None):
            raise ValueError(complaint)
        return self


def _contradictions(step: Step) -> Iterator[str]:
    if step.to_days < step.from_days:
        yield "to_days: before from_days"
    if step.after is None and (step.occurrence is not None or step.each):
        yield f"{'each' if step.each else 'occurrence'}: of which step? `after` is missing"
    if step.after is not None and step.date is not None:
        yield "date: counts from `after` or from a date, not from both"
    if step.each and (step.occurrence is not None or step.repeat is not None):
        yield "each: comes back with the other step, so it has no `occurrence` and no `repeat`"
    if both := sorted(set(step.when) & set(step.unless)):
        yield f"unless: also in `when`, so it is never asked for: {', '.join(both)}"
    if "document" in step.proof and step.document is None:
        yield "document: which one proves it?"
    if step.needs_visit and "visit" not in step.proof:
        yield "needs_visit: a visit that took place has to prove it, `proof` has no visit"
    if "survey" in step.proof and step.survey is None:
        yield "survey: which one proves it?"
    days = [rung.after_days for rung in step.escalation or ()]
    if days != sorted(days):
        yield "escalation: the days go up from one to the next"
