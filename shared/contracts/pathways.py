"""Payloads that pathways owns. `patient_ref` is the pseudonym for the dispatch, never the patient's id."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Payload


class EnrolmentStarted(Payload):
    """A patient entered a pathway (*inclusion*). A sensitive pathway says the department instead of the commune.

    `patient` is the pseudonym for indicators: the same in each event, in no relation to any other, and nobody's once
    the patient's key is destroyed.
    """

    enrolment_id: UUID
    template: str
    template_version: str
    age_band: str
    commune: str | None
    department: str | None
    started_on: date
    patient: UUID | None = None


class GlassBroken(Payload):
    """Somebody saw a patient in an emergency (*bris de glace*), whom no care team let: a coordinator looks into it."""

    glass_id: UUID
    reason: str
    rpps: str | None
    until: AwareDatetime


class StepDone(Payload):
    """A step of a pathway was carried out. `step` is its key, `code` the same without the number of a repeated one.

    `proof` is what proves it: declaration, document, visit, survey or attendance.
    """

    step_id: UUID
    enrolment_id: UUID
    template: str
    step: str
    done_at: AwareDatetime
    code: str | None = None
    proof: str | None = None


class StepOverdue(Payload):
    """A step passed its due time and is not done: the first sign of a break in the pathway (*rupture de parcours*)."""

    step_id: UUID
    enrolment_id: UUID
    template: str
    step: str
    role: str
    due_at: AwareDatetime


class StepDue(Payload):
    """The window of a step has opened: from now on it is to be done. Told again when it was moved and opens again."""

    step_id: UUID
    enrolment_id: UUID
    template: str
    step: str
    code: str
    role: str
    opens_at: AwareDatetime
    due_at: AwareDatetime


class StepEscalated(Payload):
    """A step stays overdue: the next of those who answer for it is told. `rung` counts them from 1."""

    step_id: UUID
    enrolment_id: UUID
    template: str
    step: str
    code: str
    rung: int
    role: str
    due_at: AwareDatetime


class StepReplanned(Payload):
    """A step has another window: it was put on another day, or what it counts from moved."""

    step_id: UUID
    enrolment_id: UUID
    template: str
    step: str
    code: str
    opens_at: AwareDatetime
    due_at: AwareDatetime
    was_due_at: AwareDatetime
    state: str


class StepSkipped(Payload):
    """A step will not be done; the reason is a code."""

    step_id: UUID
    enrolment_id: UUID
    template: str
    step: str
    code: str
    reason: str


class StepReopened(Payload):
    """A step that was done or skipped is to be done after all, for instance when the visit was missed."""

    step_id: UUID
    enrolment_id: UUID
    template: str
    step: str
    code: str
    due_at: AwareDatetime


class EnrolmentPaused(Payload):
    """An enrolment rests: its days do not count, its steps are not due."""

    enrolment_id: UUID
    template: str
    reason: str
    from_on: date
    until_on: date


class EnrolmentResumed(Payload):
    """A paused enrolment goes on."""

    enrolment_id: UUID
    template: str
    resumed_on: date


class EnrolmentLeft(Payload):
    """A patient left a pathway before its end; the reason is a code. What was left to do is cancelled."""

    enrolment_id: UUID
    template: str
    reason: str
    left_on: date


class EnrolmentCompleted(Payload):
    """Nothing is left to do on a pathway."""

    enrolment_id: UUID
    template: str
    completed_on: date


class EnrolmentMigrated(Payload):
    """An enrolment follows another version of its pathway."""

    enrolment_id: UUID
    template: str
    from_version: str
    to_version: str


class StepVisitWanted(Payload):
    """A step of a pathway needs a visit: the dispatch opens a call, whose id is `visit_id`, until `deadline`.

    It names neither the step nor the enrolment nor the pathway: the reference that the dispatch knows the patient by
    is joined to them in pathways only. A sensitive pathway says the department instead of the commune.
    """

    visit_id: UUID
    attempt: int = Field(description="Of this step, from 1: missed and cancelled visits are asked for again")
    patient_ref: UUID = Field(description="Opaque pseudonym for the dispatch")
    profession: str = Field(description="TRE_G15")
    specialty: str | None
    act: str | None
    modes: tuple[Literal["AMB", "HH", "VR"], ...]
    age_band: str
    commune: str | None
    department: str | None
    deadline: AwareDatetime = Field(description="Latest start of the visit")
    regular_doctor_rpps: str | None = Field(
        default=None, pattern=r"^[0-9]{11}$", description="Of a visit to a doctor: the patient's own, to be asked first"
    )


class StepVisitWithdrawn(Payload):
    """The visit is wanted no more: a call without a visit closes. A booked visit stands until somebody cancels it."""

    visit_id: UUID
    reason: Literal[
        "step_closed", "step_moved", "pathway_paused", "pathway_ended", "patient_absent", "booked_otherwise"
    ]
