"""What is answered of the visits that steps need."""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from pathways.domain.visits import VisitState


class StepVisitOut(BaseModel):
    """One asking for the visit that a step needs; `id` is that of its call in the dispatch.

    When, where and by whom are those of the booking, null while there is none.
    """

    id: UUID
    step_id: UUID
    attempt: int = Field(description="From 1, for the window that the step has")
    state: VisitState
    deadline: AwareDatetime | None = Field(description="Latest start of the visit; null until it was asked for")
    reason: str | None = Field(description="Why it was withdrawn")
    booking_id: UUID | None
    starts_at: AwareDatetime | None
    ends_at: AwareDatetime | None
    commune: str | None
    mode: str | None
    rpps: str | None
    finess: str | None


class CalledVisitOut(StepVisitOut):
    """The same with what it is for. The identity is read by its own route, which records who read it."""

    patient_id: UUID
    enrolment_id: UUID
    template: str
    key: str = Field(description="Of the step")
    label: str
