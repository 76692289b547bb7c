"""What the routes on pathways, enrolments and steps take and answer."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from pathways.api.schemas_visits import StepVisitOut
from pathways.domain.migrating import ChangeKind
from pathways.domain.replanning import StepState
from pathways.domain.template_step import ProofKind
from pathways.domain.timeline import Kind

EnrolmentState = Literal["active", "paused", "completed", "left"]
PauseReason = Literal["hospital_stay", "treatment_suspended", "away", "patient_wish", "other"]
ReopenReason = Literal["visit_missed", "recorded_by_mistake", "to_do_again"]
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
    criteria: dict[TemplateCode, bool] = Field(
        default_factory=dict, max_length=50, description="Answers to the criteria of entry of the pathway"
    )
    facts: dict[TemplateCode, bool] = Field(
        default_factory=dict,
        max_length=50,
        description="What holds of the patient: it decides which steps are asked for",
    )
    dates: dict[TemplateCode, date] = Field(
        default_factory=dict, max_length=50, description="Named days that steps count from; assumed until told"
    )


class StepOut(BaseModel):
    """Something to do. It may be done from `from_on` (`opens_at`) to `due_on`, and is late at `due_at`, its end.

    `rung` counts who was told of it since it is overdue. `chosen_from` and `chosen_due` are days that somebody chose.
    """

    id: UUID
    enrolment_id: UUID
    key: str = Field(description="The code, with its number when the step comes back", examples=["course-2"])
    code: str
    occurrence: int | None
    label: str
    role: str = Field(description="Who answers for it")
    gravity: int = Field(description="Of a break: 1 may harm the patient, 2 delays care, 3 is to catch up")
    from_on: date
    due_on: date
    opens_at: AwareDatetime
    due_at: AwareDatetime
    chosen_from: date | None
    chosen_due: date | None
    state: StepState
    began_at: AwareDatetime | None = Field(description="When it was told to be due")
    overdue_at: AwareDatetime | None = Field(description="When it was told to be late")
    done_at: AwareDatetime | None
    skip_reason: str | None
    rung: int
    proof: ProofKind | None
    proof_ref: UUID | None
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
    facts: list[str]
    dates: dict[str, date]
    told_dates: list[str]
    version: int


class PauseOut(BaseModel):
    """Days on which the enrolment rests, from the first to the day before `until_on`."""

    reason: str
    from_on: date
    until_on: date
    resumed_at: AwareDatetime | None


class EnrolmentOut(_Enrolment):
    """An enrolment with its steps in order, the visits that the dispatch booked, and what happened when."""

    consent: ConsentOut | None
    steps: list[StepOut]
    bookings: list[BookingOut]
    visits: list[StepVisitOut] = Field(description="Those that its steps asked for")
    pauses: list[PauseOut]
    timeline: list[MomentOut]


class EnrolmentSummary(_Enrolment):
    """An enrolment in a list, with its progress in steps."""

    next_due_at: AwareDatetime | None
    overdue: int
    done: int
    total: int


class ProofIn(BaseModel):
    """What proves a step done, and its id: of the document, visit, survey or session. `declaration` needs none."""

    model_config = ConfigDict(extra="forbid")

    kind: ProofKind
    reference: UUID | None = None


class DoneIn(BaseModel):
    """When the step was done; now unless given. The pathway says which proofs it takes."""

    model_config = _example(done_at="2026-11-24T10:30:00+01:00")

    done_at: AwareDatetime | None = None
    proof: ProofIn | None = None


class SkipIn(BaseModel):
    """Why the step will not be done."""

    model_config = _example(reason="done_elsewhere")

    reason: SkipReason


class LeaveIn(BaseModel):
    """Why the patient leaves the pathway."""

    model_config = _example(reason="patient_moved")

    reason: LeaveReason


class ReopenIn(BaseModel):
    """Why a step is to be done after all."""

    model_config = _example(reason="visit_missed")

    reason: ReopenReason


class ReplanStepIn(BaseModel):
    """The days on which the step is to be done now; one day when `due_on` is not given. `preview` changes nothing."""

    model_config = _example(from_on="2026-12-21")

    from_on: date
    due_on: date | None = None
    preview: bool = False


class SituationIn(BaseModel):
    """What is told anew of the patient: named days, facts that hold or hold no more. `preview` changes nothing."""

    model_config = _example(facts={"home-nursing": True})

    dates: dict[TemplateCode, date] = Field(default_factory=dict, max_length=50)
    facts: dict[TemplateCode, bool] = Field(default_factory=dict, max_length=50)
    preview: bool = False


class ShiftOut(BaseModel):
    """A step that has other days or another state than before."""

    step_id: UUID
    key: str
    label: str
    was_from_on: date
    was_due_on: date
    from_on: date
    due_on: date
    was_state: StepState
    state: StepState


class ReplannedOut(BaseModel):
    """Every step that shifts, in the order of the pathway."""

    preview: bool
    shifted: list[ShiftOut]


class PauseIn(BaseModel):
    """Why the enrolment rests, and the day on which it goes on by itself."""

    model_config = _example(reason="hospital_stay", until_on="2026-12-07")

    reason: PauseReason
    until_on: date


class MigrateIn(BaseModel):
    """The version that the preview named."""

    model_config = _example(to_version="2027-01-1")

    to_version: str = Field(min_length=1, max_length=40)


class WindowOut(BaseModel):
    """First and last day."""

    model_config = ConfigDict(from_attributes=True)

    from_on: date
    due_on: date


class ChangeOut(BaseModel):
    """One difference that another version of the pathway makes for the patient.

    `passed`: new, but its time is over, so that it is not asked for.
    """

    kind: ChangeKind
    key: str
    label: str
    was: WindowOut | None
    now: WindowOut | None


class MigrationOut(BaseModel):
    """What moving an enrolment to the version in force changes, or changed."""

    from_version: str
    to_version: str
    changes: list[ChangeOut]
