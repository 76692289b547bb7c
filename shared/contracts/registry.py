"""The binding list of events: who owns which name, its version, its payload, its subject on the bus.

Subject: `cpts.<territory>.<service>.<entity>.<past-verb>`; type: `fr.cpts.<service>.<entity>.<past-verb>.v<n>`.
One JetStream stream per owner; only the owner may publish to it.
"""

from dataclasses import dataclass
from functools import cached_property

from contracts import activities, coordination, directory, doctor_search, indicators, pathways, slots, snp_dispatch
from contracts.envelope import Event, Payload

DEAD_LETTERS = "DEAD_LETTERS"
"""Stream of messages that a consumer gave up on, subject `dlq.<consumer>.<original subject>`."""

STREAMS = {
    "directory": "DIRECTORY",
    "snp-dispatch": "SNP_DISPATCH",
    "pathways": "PATHWAYS",
    "indicators": "INDICATORS",
}
"""Owner service -> its stream."""


@dataclass(frozen=True)
class EventType:
    """One line of the binding list. `aggregate_id` names the payload field that identifies the aggregate."""

    owner: str
    entity: str
    verb: str
    payload: type[Payload]
    aggregate_id: str
    retention_days: int
    version: int = 1

    @property
    def name(self) -> str:
        return f"fr.cpts.{self.owner}.{self.entity}.{self.verb}.v{self.version}"

    @property
    def source(self) -> str:
        return f"/cpts/{self.owner}"

    @cached_property
    def envelope(self) -> type[Event[Payload]]:
        return Event[self.payload]  # type: ignore[name-defined]

    def subject(self, territory: str) -> str:
        """The NATS subject on which this event of `territory` is published (`*` subscribes to all)."""
        return f"cpts.{territory}.{self.owner}.{self.entity}.{self.verb}"


YEAR = 366
"""Days. Outbox rows and stream messages that feed no figure by a patient are kept this long."""

EVENTS: tuple[EventType, ...] = (
    EventType("directory", "professional", "updated", directory.ProfessionalUpdated, "rpps", YEAR),
    EventType("directory", "structure", "updated", directory.StructureUpdated, "finess", YEAR),
    EventType("directory", "participation", "changed", directory.ParticipationChanged, "rpps", YEAR),
    EventType("directory", "shift", "taken", directory.ShiftTaken, "sign_up_id", 6 * YEAR),
    EventType("directory", "shift", "left", directory.ShiftLeft, "sign_up_id", 6 * YEAR),
    EventType("directory", "shift", "presence_noted", directory.ShiftPresenceNoted, "sign_up_id", 6 * YEAR),
    EventType("directory", "trainee", "hosted", directory.TraineeHosted, "trainee_id", 6 * YEAR),
    EventType("directory", "installation", "advanced", directory.InstallationAdvanced, "installation_id", 6 * YEAR),
    EventType("directory", "statements", "changed", directory.StatementsChanged, "about", YEAR),
    EventType("directory", "import", "completed", directory.ImportCompleted, "import_id", YEAR),
    EventType("directory", "acceptance", "declared", directory.AcceptanceDeclared, "rpps", 6 * YEAR),
    EventType("directory", "acceptance", "lapsed", directory.AcceptanceLapsed, "rpps", 6 * YEAR),
    EventType("directory", "acceptance", "counted", directory.AcceptanceCounted, "count_id", 6 * YEAR),
    EventType("directory", "member", "joined", directory.MemberJoined, "member_id", 6 * YEAR),
    EventType("directory", "member", "left", directory.MemberLeft, "member_id", 6 * YEAR),
    EventType("directory", "list", "published", directory.ListPublished, "publication_id", 6 * YEAR),
    EventType("directory", "list", "sent", directory.ListSent, "sending_id", 6 * YEAR),
    EventType("directory", "meeting", "held", directory.MeetingHeld, "meeting_id", 6 * YEAR),
    EventType("directory", "indemnity", "approved", directory.IndemnityApproved, "indemnity_id", 6 * YEAR),
    EventType("directory", "crisis_plan", "adopted", directory.CrisisPlanAdopted, "plan_id", 6 * YEAR),
    EventType("directory", "crisis_plan", "withdrawn", directory.CrisisPlanWithdrawn, "plan_id", 6 * YEAR),
    EventType(
        "directory", "crisis_activation", "started", directory.CrisisActivationStarted, "activation_id", 6 * YEAR
    ),
    EventType("directory", "crisis_activation", "ended", directory.CrisisActivationEnded, "activation_id", 6 * YEAR),
    EventType("directory", "crisis_exercise", "held", directory.CrisisExerciseHeld, "exercise_id", 6 * YEAR),
    EventType(
        "directory", "crisis_communication", "sent", directory.CrisisCommunicationSent, "communication_id", 6 * YEAR
    ),
    EventType("directory", "vaccination", "reported", directory.VaccinationReported, "campaign", 6 * YEAR),
    EventType("directory", "minutes", "approved", directory.MinutesApproved, "meeting_id", 6 * YEAR),
    EventType("directory", "payments", "closed", directory.PaymentsClosed, "batch_id", 6 * YEAR),
    EventType("directory", "workforce", "counted", directory.WorkforceCounted, "count_id", 6 * YEAR),
    EventType("snp-dispatch", "slot", "published", slots.SlotPublished, "slot_id", 6 * YEAR),
    EventType("snp-dispatch", "slot", "withdrawn", slots.SlotWithdrawn, "slot_id", 6 * YEAR),
    EventType("snp-dispatch", "slot", "released", slots.SlotReleased, "slot_id", YEAR),
    EventType("snp-dispatch", "pause", "started", slots.PauseStarted, "pause_id", YEAR),
    EventType("snp-dispatch", "pause", "ended", slots.PauseEnded, "pause_id", YEAR),
    EventType("snp-dispatch", "slot", "lent", slots.SlotLent, "booking_id", 6 * YEAR),
    EventType("snp-dispatch", "effector", "closed", slots.EffectorClosed, "closure_id", YEAR),
    EventType("snp-dispatch", "call", "received", snp_dispatch.CallReceived, "call_id", 6 * YEAR),
    EventType("snp-dispatch", "call", "screened", snp_dispatch.CallScreened, "call_id", 6 * YEAR),
    EventType("snp-dispatch", "call", "unmatched", snp_dispatch.CallUnmatched, "call_id", 6 * YEAR),
    EventType("snp-dispatch", "call", "offered", snp_dispatch.CallOffered, "call_id", YEAR),
    EventType("snp-dispatch", "call", "escalated", snp_dispatch.CallEscalated, "call_id", 6 * YEAR),
    EventType("snp-dispatch", "call", "cancelled", snp_dispatch.CallCancelled, "call_id", 6 * YEAR),
    EventType("snp-dispatch", "call", "expired", snp_dispatch.CallExpired, "call_id", 6 * YEAR),
    EventType("snp-dispatch", "call", "not_seen", snp_dispatch.CallNotSeen, "call_id", 6 * YEAR),
    EventType("snp-dispatch", "offer", "made", snp_dispatch.OfferMade, "offer_id", YEAR),
    EventType("snp-dispatch", "offer", "accepted", snp_dispatch.OfferAccepted, "offer_id", YEAR),
    EventType("snp-dispatch", "offer", "declined", snp_dispatch.OfferDeclined, "offer_id", YEAR),
    EventType("snp-dispatch", "offer", "expired", snp_dispatch.OfferExpired, "offer_id", YEAR),
    EventType("snp-dispatch", "offer", "closed", snp_dispatch.OfferClosed, "offer_id", YEAR),
    EventType("snp-dispatch", "hold", "placed", snp_dispatch.HoldPlaced, "hold_id", YEAR),
    EventType("snp-dispatch", "hold", "extended", snp_dispatch.HoldExtended, "hold_id", YEAR),
    EventType("snp-dispatch", "hold", "transferred", snp_dispatch.HoldTransferred, "hold_id", YEAR),
    EventType("snp-dispatch", "hold", "expiring", snp_dispatch.HoldExpiring, "hold_id", YEAR),
    EventType("snp-dispatch", "hold", "released", snp_dispatch.HoldReleased, "hold_id", YEAR),
    EventType("snp-dispatch", "hold", "expired", snp_dispatch.HoldExpired, "hold_id", YEAR),
    EventType("snp-dispatch", "booking", "confirmed", snp_dispatch.BookingConfirmed, "booking_id", 6 * YEAR),
    EventType("snp-dispatch", "booking", "moved", snp_dispatch.BookingMoved, "booking_id", 6 * YEAR),
    EventType("snp-dispatch", "booking", "cancelled", snp_dispatch.BookingCancelled, "booking_id", 6 * YEAR),
    EventType("snp-dispatch", "booking", "fulfilled", snp_dispatch.BookingFulfilled, "booking_id", 6 * YEAR),
    EventType("snp-dispatch", "booking", "missed", snp_dispatch.BookingMissed, "booking_id", 6 * YEAR),
    EventType("snp-dispatch", "booking", "reminder_due", snp_dispatch.BookingReminderDue, "booking_id", YEAR),
    EventType("snp-dispatch", "booking", "outcome_undone", snp_dispatch.BookingOutcomeUndone, "booking_id", 6 * YEAR),
    EventType("snp-dispatch", "compensation", "valued", snp_dispatch.CompensationValued, "booking_id", 6 * YEAR),
    EventType("pathways", "enrolment", "started", pathways.EnrolmentStarted, "enrolment_id", 6 * YEAR),
    EventType("pathways", "glass", "broken", pathways.GlassBroken, "glass_id", YEAR),
    EventType("pathways", "session", "planned", activities.SessionPlanned, "session_id", YEAR),
    EventType("pathways", "session", "cancelled", activities.SessionCancelled, "session_id", YEAR),
    EventType("pathways", "session", "invited", activities.SessionInvited, "invitation_id", YEAR),
    EventType("pathways", "session", "held", activities.SessionHeld, "session_id", 6 * YEAR),
    EventType("pathways", "survey", "links_issued", activities.SurveyLinksIssued, "survey_id", 6 * YEAR),
    EventType("pathways", "survey", "answered", activities.SurveyAnswered, "answer_id", 6 * YEAR),
    EventType(
        "pathways", "prevention_campaign", "reported", activities.PreventionCampaignReported, "campaign_id", 6 * YEAR
    ),
    EventType("pathways", "sheet", "published", activities.SheetPublished, "sheet_id", 6 * YEAR),
    EventType("pathways", "sheet", "withdrawn", activities.SheetWithdrawn, "sheet_id", 6 * YEAR),
    EventType("pathways", "visits", "counted", activities.VisitsCounted, "count_id", 6 * YEAR),
    EventType("pathways", "expert", "identified", activities.ExpertIdentified, "expert_id", 6 * YEAR),
    EventType("pathways", "expert", "ended", activities.ExpertEnded, "expert_id", 6 * YEAR),
    EventType("pathways", "enrolment", "paused", pathways.EnrolmentPaused, "enrolment_id", 6 * YEAR),
    EventType("pathways", "enrolment", "resumed", pathways.EnrolmentResumed, "enrolment_id", 6 * YEAR),
    EventType("pathways", "enrolment", "left", pathways.EnrolmentLeft, "enrolment_id", 6 * YEAR),
    EventType("pathways", "enrolment", "completed", pathways.EnrolmentCompleted, "enrolment_id", 6 * YEAR),
    EventType("pathways", "enrolment", "migrated", pathways.EnrolmentMigrated, "enrolment_id", 6 * YEAR),
    EventType("pathways", "step", "due", pathways.StepDue, "step_id", YEAR),
    EventType("pathways", "step", "done", pathways.StepDone, "step_id", 6 * YEAR),
    EventType("pathways", "step", "overdue", pathways.StepOverdue, "step_id", 6 * YEAR),
    EventType("pathways", "step", "escalated", pathways.StepEscalated, "step_id", 6 * YEAR),
    EventType("pathways", "step", "replanned", pathways.StepReplanned, "step_id", YEAR),
    EventType("pathways", "step", "skipped", pathways.StepSkipped, "step_id", 6 * YEAR),
    EventType("pathways", "step", "reopened", pathways.StepReopened, "step_id", 6 * YEAR),
    EventType("pathways", "stay", "recorded", coordination.StayRecorded, "stay_id", 6 * YEAR),
    EventType("pathways", "stay", "ended", coordination.StayEnded, "stay_id", 6 * YEAR),
    EventType("pathways", "stay", "cancelled", coordination.StayCancelled, "stay_id", 6 * YEAR),
    EventType("pathways", "care_plan", "published", coordination.CarePlanPublished, "plan_id", 6 * YEAR),
    EventType(
        "pathways", "care_plan_recipient", "acknowledged", coordination.CarePlanAcknowledged, "recipient_id", 6 * YEAR
    ),
    EventType("pathways", "note", "written", coordination.NoteWritten, "note_id", 6 * YEAR),
    EventType("pathways", "care_plan", "withdrawn", coordination.CarePlanWithdrawn, "plan_id", 6 * YEAR),
    EventType("pathways", "advice", "requested", coordination.AdviceRequested, "advice_id", 6 * YEAR),
    EventType("pathways", "advice", "escalated", coordination.AdviceEscalated, "advice_id", 6 * YEAR),
    EventType("pathways", "advice", "answered", coordination.AdviceAnswered, "advice_id", 6 * YEAR),
    EventType("pathways", "advice", "closed", coordination.AdviceClosed, "advice_id", 6 * YEAR),
    EventType("pathways", "step", "visit_wanted", pathways.StepVisitWanted, "visit_id", YEAR),
    EventType("pathways", "step", "visit_withdrawn", pathways.StepVisitWithdrawn, "visit_id", YEAR),
    EventType("pathways", "alarm", "raised", coordination.AlarmRaised, "alarm_id", 6 * YEAR),
    EventType("pathways", "alarm", "escalated", coordination.AlarmEscalated, "alarm_id", 6 * YEAR),
    EventType("pathways", "alarm", "acknowledged", coordination.AlarmAcknowledged, "alarm_id", 6 * YEAR),
    EventType("pathways", "alarm", "closed", coordination.AlarmClosed, "alarm_id", 6 * YEAR),
    EventType("pathways", "doctor_search", "opened", doctor_search.DoctorSearchOpened, "search_id", 6 * YEAR),
    EventType("pathways", "doctor_search", "closed", doctor_search.DoctorSearchClosed, "search_id", 6 * YEAR),
    EventType("pathways", "doctor_proposal", "answered", doctor_search.DoctorProposalAnswered, "proposal_id", YEAR),
    EventType("indicators", "rebuild", "completed", indicators.RebuildCompleted, "rebuild_id", YEAR),
    EventType("indicators", "maturity", "noted", indicators.MaturityNoted, "sheet", 6 * YEAR),
    EventType("indicators", "export", "delivered", indicators.ExportDelivered, "export_run_id", YEAR),
    EventType("indicators", "period", "approved", indicators.PeriodApproved, "period", 6 * YEAR),
)

BY_NAME = {event.name: event for event in EVENTS}
BY_PAYLOAD = {event.payload: event for event in EVENTS}
