"""Payloads of pathways on what passes between town and hospital: stays, plans, notes, advice, alarms."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Payload


class StayRecorded(Payload):
    """An emergency visit or hospital stay was told (whole state); a later version corrects it.

    `patient` is the pseudonym for indicators of a followed patient, nobody's once their key is destroyed; null for
    anybody else. No place, no hour.
    """

    stay_id: UUID
    kind: str = Field(description="ed_visit or stay")
    motive: str = Field(description="Code of hospital.yaml, for instance heart-failure")
    entry: str | None = Field(description="Of a stay: direct or ed (*par le SAU*)")
    readmission: bool | None = Field(description="It began soon after another one; null when the patient is not ours")
    arrived_on: date
    patient: UUID | None = None


class StayEnded(Payload):
    """The patient left; a later version corrects it."""

    stay_id: UUID
    kind: str
    motive: str
    entry: str | None
    readmission: bool | None
    left_on: date
    destination: str
    days: int = Field(description="Nights in hospital")


class StayCancelled(Payload):
    """It was told by mistake; a later `stay.recorded` takes that back."""

    stay_id: UUID
    kind: str


class CarePlanPublished(Payload):
    """A version of a personal care plan (*plan personnalisé de soins*, PPS) is out, for so many people."""

    plan_id: UUID
    enrolment_id: UUID
    template: str
    number: int = Field(description="Of the enrolment, from 1")
    recipients: int


class CarePlanAcknowledged(Payload):
    """Somebody to whom a version was addressed said that they have read it."""

    recipient_id: UUID
    plan_id: UUID
    enrolment_id: UUID
    number: int
    by: Literal["professional", "patient", "carer"]


class NoteWritten(Payload):
    """A note of a liaison notebook (*cahier de liaison*). `event`: an intercurrent event. No enrolment, no text."""

    note_id: UUID
    template: str
    kind: str = Field(description="Code of the territory's notebook.yaml, for instance fever")
    event: bool
    writer: Literal["professional", "patient", "carer"]


class CarePlanWithdrawn(Payload):
    """A version is shown no more."""

    plan_id: UUID
    enrolment_id: UUID
    reason: str


class AdviceRequested(Payload):
    """A professional is asked for advice, a teleconsultation or tele-expertise. No patient, no text."""

    advice_id: UUID
    kind: str = Field(description="advice, teleconsultation or teleexpertise")
    specialty: str
    rpps: str = Field(description="Who is asked first")
    group_id: UUID | None
    due_at: AwareDatetime


class AdviceEscalated(Payload):
    """It was not answered, or declined: the next of the on-call order is asked; nobody is left when `rpps` is null."""

    advice_id: UUID
    kind: str
    specialty: str
    turn: int
    rpps: str | None
    due_at: AwareDatetime
    reason: str = Field(description="unanswered, declined or overdue")


class AdviceAnswered(Payload):
    """It was answered, so many minutes after it was asked."""

    advice_id: UUID
    kind: str
    specialty: str
    turn: int
    answered_at: AwareDatetime
    minutes: int
    in_time: bool


class AdviceClosed(Payload):
    """It ended without an answer: declined by everybody who was asked, or withdrawn."""

    advice_id: UUID
    kind: str
    specialty: str
    outcome: str


class AlarmRaised(Payload):
    """Something about a monitored or enrolled patient is to be answered: the first of the order is asked. No patient.

    `source` is who told it: a platform of telemonitoring, the patient or a carer, a hospital, a professional.
    """

    alarm_id: UUID
    enrolment_id: UUID
    template: str
    code: str = Field(description="An alert of the pathway")
    rpps: str
    by: AwareDatetime = Field(description="Until when, before the next is asked")
    source: Literal["telemonitoring", "patient", "hospital", "professional"] = "telemonitoring"


class AlarmEscalated(Payload):
    """Nobody acknowledged it in time: the next is asked; nobody is left when `rpps` is null."""

    alarm_id: UUID
    template: str
    code: str
    turn: int
    rpps: str | None
    reason: str = Field(description="unanswered or nobody_left")


class AlarmAcknowledged(Payload):
    """Somebody took it, so many minutes after it was raised."""

    alarm_id: UUID
    template: str
    code: str
    turn: int
    minutes: int


class AlarmClosed(Payload):
    """It ended; the outcome is a code."""

    alarm_id: UUID
    template: str
    code: str
    outcome: str
