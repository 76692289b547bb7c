"""Payloads that pathways owns. `patient_ref` is the pseudonym for the dispatch, never the patient's id."""

from datetime import date
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


class SessionPlanned(Payload):
    """A group session is planned; a later version says that its time, subject or place changed. No title."""

    session_id: UUID
    kind: str = Field(description="Code of the territory's kinds of sessions, for instance epu, workshop, audit")
    topic: str | None
    theme: str | None = Field(description="*Thématique*, within the topic")
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class SessionCancelled(Payload):
    """A planned session will not take place."""

    session_id: UUID
    kind: str


class SessionInvited(Payload):
    """A professional is invited to a session. Told to them by the channels that they chose in the directory."""

    invitation_id: UUID
    session_id: UUID
    rpps: str
    kind: str
    topic: str | None
    theme: str | None
    starts_at: AwareDatetime
    ends_at: AwareDatetime


class SessionAttendee(Payload):
    """A professional who took part. `rpps` is null for one who has none, or whose number was not noted."""

    rpps: str | None
    profession: str = Field(description="Code of TRE_G15")
    speaker: bool = Field(description="Led it (*animateur*); counted as taking part too")


class AudienceCount(Payload):
    """How many others took part: students, patients, carers, partners, the public."""

    audience: str
    people: int


class SessionHeld(Payload):
    """A session took place, with who took part (whole state); a later version corrects it. No name."""

    session_id: UUID
    kind: str
    topic: str | None
    theme: str | None
    starts_at: AwareDatetime
    professionals: tuple[SessionAttendee, ...]
    others: tuple[AudienceCount, ...]
    codes_version: str
