"""What the routes on pathways, enrolments and steps take and answer."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from pathways.domain.timeline import Kind

EnrolmentState = Literal["active", "completed", "left"]
StepState = Literal["planned", "overdue", "done", "skipped", "cancelled"]
BookingState = Literal["confirmed", "cancelled", "fulfilled", "missed"]
LeaveReason = Literal["patient_withdrew", "patient_moved", "patient_deceased", "not_indicated", "other"]
SkipReason = Literal["patient_refused", "not_indicated", "done_elsewhere", "other"]
TemplateCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=63)]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [values]})


class ConsentIn(BaseModel):
    """What the patient agreed to (*consentement*): when, who said so, how, and to which version of the text."""

    model_config = ConfigDict(extra="forbid")

    given_on: date
    given_by: Literal["patient", "representative"] = "patient"
    channel: Literal["oral", "written", "electronic"]
    text_version: str = Field(min_length=1, max_length=40, description="`consent.version` of the pathway")


class EnrolmentIn(BaseModel):
    """Who enters which pathway. `started_on` is today unless given."""

    model_config = _example(
        patient_id="0192f0c1-7c1e-7b6a-9d53-5f2f0a1b2c3d",
        template="lung-cancer",
        started_on="2026-11-23",
        consent={"given_on": "2026-11-20", "given_by": "patient", "channel": "written", "text_version": "2026-11"},
    )

    patient_id: UUID
    template: TemplateCode = Field(description="Id of a pathway of this territory")
    started_on: date | None = None
    consent: ConsentIn


class StepOut(BaseModel):
    """Something to do. It may be done from `from_on` to `due_on`, and is late at `due_at`, the end of that day."""

    id: UUID
    enrolment_id: UUID
    key: str = Field(description="The code, with its number when the step comes back", examples=["course-2"])
    code: str
    occurrence: int | None
    label: str
    role: str = Field(description="Who answers for it")
    from_on: date
    due_on: date
    due_at: AwareDatetime
    state: StepState
    overdue_at: AwareDatetime | None = Field(description="When it was told to be late")
    done_at: AwareDatetime | None
    skip_reason: str | None
    version: int


class WorklistStepOut(StepOut):
    """A step among those of all enrolments."""

    template: str
    patient_id: UUID


class BookingOut(BaseModel):
    """A visit that the dispatch booked. Times and place are null until its confirmation has arrived here."""

    booking_id: UUID
    state: BookingState
    starts_at: AwareDatetime | None
    ends_at: AwareDatetime | None
    commune: str | None
    mode: str | None
    rpps: str | None
    finess: str | None
    changed_at: AwareDatetime


class MomentOut(BaseModel):
    """One line of the timeline. `subject_id` is the enrolment, the step or the booking."""

    at: AwareDatetime
    kind: Kind
    subject_id: UUID
    label: str | None


class ConsentOut(BaseModel):
    """The consent as recorded."""

    given_on: date
    given_by: str
    channel: str
    text_version: str
    recorded_at: AwareDatetime


class _Enrolment(BaseModel):
    id: UUID
    patient_id: UUID
    patient_ref: UUID
    template: str
    template_version: str
    label: str
    state: EnrolmentState
    started_on: date
    created_at: AwareDatetime
    closed_at: AwareDatetime | None
    leave_reason: str | None


class EnrolmentOut(_Enrolment):
    """An enrolment with its steps in order, the visits that the dispatch booked, and what happened when."""

    consent: ConsentOut | None
    steps: list[StepOut]
    bookings: list[BookingOut]
    timeline: list[MomentOut]


class EnrolmentSummary(_Enrolment):
    """An enrolment in a list, with its progress in steps."""

    next_due_at: AwareDatetime | None
    overdue: int
    done: int
    total: int


class DoneIn(BaseModel):
    """When the step was done; now unless given."""

    model_config = _example(done_at="2026-11-24T10:30:00+01:00")

    done_at: AwareDatetime | None = None


class SkipIn(BaseModel):
    """Why the step will not be done."""

    model_config = _example(reason="done_elsewhere")

    reason: SkipReason


class LeaveIn(BaseModel):
    """Why the patient leaves the pathway."""

    model_config = _example(reason="patient_moved")

    reason: LeaveReason
