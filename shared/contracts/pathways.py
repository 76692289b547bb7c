"""Payloads that pathways owns. `patient_ref` is the pseudonym for the dispatch, never the patient's id."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime

from contracts.envelope import Payload


class EnrolmentStarted(Payload):
    """A patient entered a pathway (*inclusion*). A sensitive pathway says the department instead of the commune."""

    enrolment_id: UUID
    template: str
    template_version: str
    age_band: str
    commune: str | None
    department: str | None
    started_on: date


class GlassBroken(Payload):
    """Somebody saw a patient in an emergency (*bris de glace*), whom no care team let: a coordinator looks into it."""

    glass_id: UUID
    reason: str
    rpps: str | None
    until: AwareDatetime


class StepDone(Payload):
    """A step of a pathway was carried out."""

    step_id: UUID
    enrolment_id: UUID
    template: str
    step: str
    done_at: AwareDatetime


class StepOverdue(Payload):
    """A step passed its due time and is not done: the first sign of a break in the pathway (*rupture de parcours*)."""

    step_id: UUID
    enrolment_id: UUID
    template: str
    step: str
    role: str
    due_at: AwareDatetime
