"""Payloads of pathways on what a CPTS does together: sessions, surveys, prevention, sheets, expert patients."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Payload


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


class SurveyAnswered(Payload):
    """Somebody answered a questionnaire, by an anonymous link. No text; nothing leads to who it was."""

    answer_id: UUID
    survey_id: UUID
    questionnaire: str
    purpose: str = Field(description="satisfaction or needs")
    respondent: str = Field(description="patient, carer, professional, student, trainee, host, newcomer, public")
    subject: str = Field(description="What it is about: pathway, session, internship, installation, network")
    topic: str | None
    session_kind: str | None = Field(description="Of a survey about a session")
    score: int | None = Field(description="From 0 to 100; null when nothing that counts was answered")


class SurveyLinksIssued(Payload):
    """Links of a survey were handed out; `issued` counts all of them so far, so that a response rate can be told."""

    survey_id: UUID
    questionnaire: str
    respondent: str
    subject: str
    topic: str | None
    session_kind: str | None
    issued: int


class PreventionCampaignReported(Payload):
    """How a prevention campaign stands (whole state), told with each change. No person."""

    campaign_id: UUID
    kind: str
    population: int | None = Field(description="How many it is aimed at; null when not known")
    invited: int
    took_part: int
    opens_on: date
    closes_on: date
    closed: bool


class SheetPublished(Payload):
    """A synthesis sheet (*fiche de synthèse*) is out; `number` counts its versions from 1. No text."""

    sheet_id: UUID
    number: int
    topic: str | None
    theme: str | None


class SheetWithdrawn(Payload):
    """A synthesis sheet is shown no more."""

    sheet_id: UUID


class SheetVisits(Payload):
    """How often a sheet was opened on a day."""

    sheet_id: UUID
    visits: int


class VisitsCounted(Payload):
    """Visits of the space of documents on a day that is over: of its list, and of each sheet. No visitor."""

    count_id: UUID
    day: date
    space: int = Field(description="Visits of the list of sheets")
    sheets: tuple[SheetVisits, ...]


class ExpertIdentified(Payload):
    """A patient agreed to be a *patient référent* or *expert*. Nothing leads to who it is."""

    expert_id: UUID
    role: str = Field(description="referent or expert")
    topic: str | None


class ExpertEnded(Payload):
    """They are it no more, or took their consent back."""

    expert_id: UUID
    role: str
    topic: str | None
