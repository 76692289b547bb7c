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


class StepVisitWithdrawn(Payload):
    """The visit is wanted no more: a call without a visit closes. A booked visit stands until somebody cancels it."""

    visit_id: UUID
    reason: Literal[
        "step_closed", "step_moved", "pathway_paused", "pathway_ended", "patient_absent", "booked_otherwise"
    ]


class AlarmRaised(Payload):
    """A platform of telemonitoring told an alarm: the first of the on-call order is asked. No patient."""

    alarm_id: UUID
    enrolment_id: UUID
    template: str
    code: str = Field(description="An alert of the pathway")
    rpps: str
    by: AwareDatetime = Field(description="Until when, before the next is asked")


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
