"""What is kept of an event: who told it, about what, when, and the dimensions that figures may need.

Kept by a list of names, so that a field which a producer adds (a reference to a patient, a free text)
stays out until someone decides otherwise. No person's name, no free text, and of patients no pseudonym but the one
that is made for indicators, to count a person once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any
from uuid import UUID

_MEMBER = frozenset({"member_id", "kind", "category", "college", "profession", "joined_on"})
_ACTIVATION = frozenset({"activation_id", "plan_id", "type", "number", "started_at"})
_HOLD = frozenset({"hold_id", "call_id", "slot_id"})
_OFFER = frozenset({"offer_id", "call_id", "effector"})
_SURVEY = frozenset({"survey_id", "questionnaire", "respondent", "subject", "topic", "session_kind"})
_SESSION = frozenset({"session_id", "kind", "topic", "theme", "starts_at"})
_BOOKING = frozenset({"booking_id", "call_id", "slot_id"})
_ENROLMENT = frozenset({"enrolment_id", "template"})
_ALARM = frozenset({"alarm_id", "template", "code"})
_ADVICE = frozenset({"advice_id", "kind", "specialty"})
_STAY = frozenset({"stay_id", "kind", "motive", "entry", "readmission"})
_STEP = _ENROLMENT | {"step_id", "step"}

KEPT: dict[str, frozenset[str]] = {
    "professional.updated": frozenset({"rpps", "profession", "skills", "specialties", "activities", "listed"})
    | {"gender", "languages", "tariff_sector", "accessibility"},
    "structure.updated": frozenset({"finess", "commune", "listed", "languages", "tariff_sector", "accessibility"})
    | {"latitude", "longitude", "category", "capacity"},
    "participation.changed": frozenset({"rpps", "participates"}),
    "import.completed": frozenset(
        {"import_id", "source", "lines_read", "lines_rejected", "added", "changed", "unchanged", "gone"}
    ),
    "acceptance.declared": frozenset(
        {"rpps", "accepts", "capacity", "patients", "valid_until", "source", "campaign_id"}
    ),
    "acceptance.counted": frozenset({"count_id", "day", "general_practitioners", "accepting"}),
    "acceptance.lapsed": frozenset({"rpps", "accepted", "valid_until"}),
    "list.sent": frozenset({"sending_id", "publication_id", "list", "number", "recipient_count", "recipients"}),
    "list.published": frozenset({"publication_id", "list", "number", "row_count", "added", "gone", "changed"}),
    "shift.taken": frozenset({"sign_up_id", "shift_id", "roster_id", "roster_kind", "rpps", "profession", "starts_at"}),
    "shift.left": frozenset({"sign_up_id", "shift_id", "rpps"}),
    "shift.presence_noted": frozenset({"sign_up_id", "shift_id", "roster_id", "roster_kind"})
    | {"rpps", "profession", "present"},
    "member.joined": _MEMBER,
    "member.left": _MEMBER | {"left_on"},
    "trainee.hosted": frozenset({"trainee_id", "hosts", "profession", "level", "starts_on", "ends_on", "cancelled"}),
    "installation.advanced": frozenset({"installation_id", "profession", "specialty", "stage", "commune", "opened_on"}),
    "statements.changed": frozenset({"about", "statements", "profession"}),
    "meeting.held": frozenset({"meeting_id", "kind", "body", "starts_at", "present", "represented"}),
    "minutes.approved": frozenset({"meeting_id", "number", "way", "sha256"}),
    "payments.closed": frozenset({"batch_id", "number", "period", "people", "lines"}),
    "compensation.valued": frozenset({"booking_id", "rpps", "day", "amount_cents", "yearly_cap_cents", "final_on"})
    | {"rules_version"},
    "indemnity.approved": frozenset({"day", "indemnity_id", "kind", "minutes", "mission", "profession"}),
    "crisis_plan.adopted": frozenset({"plan_id", "type", "orsan", "number", "adopted_on", "review_on"}),
    "crisis_plan.withdrawn": frozenset({"plan_id", "type", "orsan", "number", "withdrawn_on"}),
    "crisis_activation.started": _ACTIVATION,
    "crisis_activation.ended": _ACTIVATION | {"ended_at"},
    "crisis_exercise.held": frozenset({"exercise_id", "kind", "plan_type", "held_on", "professionals", "structures"}),
    "crisis_communication.sent": frozenset(
        {"communication_id", "plan_type", "activation_id", "recipient_count", "professional_count", "to_professionals"}
    ),
    "workforce.counted": frozenset({"count_id", "day", "self_employed"}),
    "vaccination.reported": frozenset({"campaign", "import_id", "age_bands"}),
    "slot.published": frozenset(
        {
            "slot_id",
            "effector",
            "profession",
            "specialties",
            "starts_at",
            "ends_at",
            "commune",
            "mode",
            "audience",
            "capacity",
        }
    )
    | {"acts", "min_age", "max_age", "own_patients_only", "accessibility"}
    | {"embargo_until", "release_at", "release_audience"},
    "slot.released": frozenset({"slot_id", "audience", "starts_at", "ends_at"}),
    "pause.started": frozenset({"pause_id", "effector", "starts_at", "until"}),
    "pause.ended": frozenset({"pause_id", "effector_number", "ended_at"}),
    "slot.withdrawn": frozenset({"slot_id"}),
    "call.received": frozenset(
        {
            "call_id",
            "origin",
            "organisation",
            "profession",
            "specialty",
            "age_band",
            "commune",
            "received_at",
            "deadline",
        }
    ),
    "slot.lent": frozenset({"booking_id", "slot_id", "grant_id", "to_territory", "starts_at"}),
    "call.screened": frozenset({"call_id", "outcome", "policy_version", "conditions", "redirect_to"}),
    "call.unmatched": frozenset({"call_id", "deadline"}),
    "call.offered": frozenset(
        {"call_id", "hold_id", "slot_id", "starts_at", "commune", "mode", "expires_at", "eased_by"}
    ),
    "effector.closed": frozenset({"closure_id", "effector", "starts_at", "ends_at", "slots", "moved", "waiting"}),
    "call.escalated": frozenset(
        {"call_id", "position", "step", "outcome", "redirect_to", "ladder_version", "next_at", "deadline", "grants"}
    ),
    "offer.made": _OFFER | {"how", "profession", "specialty", "expires_at", "deadline"},
    "offer.accepted": _OFFER | {"slot_id", "booking_id"},
    "offer.declined": _OFFER,
    "offer.expired": _OFFER,
    "offer.closed": _OFFER,
    "call.cancelled": frozenset({"call_id"}),
    "call.expired": frozenset({"call_id", "origin", "deadline"}),
    "call.not_seen": frozenset({"call_id", "origin", "received_at", "deadline", "why"}),
    "hold.placed": _HOLD | {"expires_at", "fence"},
    "hold.extended": _HOLD | {"expires_at"},
    "hold.transferred": _HOLD | {"fence"},
    "hold.expiring": _HOLD | {"expires_at"},
    "hold.released": _HOLD,
    "hold.expired": _HOLD,
    "booking.confirmed": _BOOKING
    | {"overbooked"}
    | {"origin", "effector", "starts_at", "ends_at", "commune", "mode", "audience", "call_received_at"},
    "booking.moved": _BOOKING
    | {"from_slot_id", "from_effector", "from_starts_at", "by"}
    | {"origin", "effector", "starts_at", "ends_at", "commune", "mode", "audience", "call_received_at"},
    "booking.cancelled": _BOOKING | {"by"},
    "booking.fulfilled": _BOOKING | {"source"},
    "booking.missed": _BOOKING | {"absent", "source"},
    "booking.outcome_undone": _BOOKING | {"was", "source"},
    "booking.reminder_due": _BOOKING | {"effector", "starts_at", "minutes_before"},
    "enrolment.started": frozenset(
        {"enrolment_id", "template", "template_version", "age_band", "commune", "department", "started_on", "patient"}
    ),
    "glass.broken": frozenset({"glass_id", "rpps", "until"}),
    "session.planned": _SESSION | {"ends_at"},
    "session.cancelled": frozenset({"session_id", "kind"}),
    "session.invited": _SESSION | {"invitation_id", "rpps", "ends_at"},
    "session.held": _SESSION | {"professionals", "others", "codes_version"},
    "survey.links_issued": _SURVEY | {"issued"},
    "survey.answered": _SURVEY | {"answer_id", "purpose", "score"},
    "prevention_campaign.reported": frozenset({"campaign_id", "kind", "population", "invited", "took_part"})
    | {"opens_on", "closes_on", "closed"},
    "sheet.published": frozenset({"sheet_id", "number", "topic", "theme"}),
    "sheet.withdrawn": frozenset({"sheet_id"}),
    "visits.counted": frozenset({"count_id", "day", "space", "sheets"}),
    "care_plan.published": _ENROLMENT | {"plan_id", "number", "recipients"},
    "care_plan_recipient.acknowledged": frozenset({"recipient_id", "plan_id", "enrolment_id", "number", "by"}),
    "note.written": frozenset({"note_id", "template", "kind", "event", "writer"}),
    "care_plan.withdrawn": frozenset({"plan_id", "enrolment_id"}),
    "expert.identified": frozenset({"expert_id", "role", "topic"}),
    "expert.ended": frozenset({"expert_id", "role", "topic"}),
    "enrolment.paused": _ENROLMENT | {"from_on", "until_on"},
    "enrolment.resumed": _ENROLMENT | {"resumed_on"},
    "enrolment.left": _ENROLMENT | {"left_on"},
    "enrolment.completed": _ENROLMENT | {"completed_on"},
    "enrolment.migrated": _ENROLMENT | {"from_version", "to_version"},
    "stay.recorded": _STAY | {"arrived_on", "patient"},
    "stay.ended": _STAY | {"left_on", "destination", "days"},
    "stay.cancelled": frozenset({"stay_id", "kind"}),
    "advice.requested": _ADVICE | {"rpps", "group_id", "due_at"},
    "advice.escalated": _ADVICE | {"turn", "rpps", "due_at"},
    "advice.answered": _ADVICE | {"turn", "answered_at", "minutes", "in_time"},
    "advice.closed": _ADVICE | {"outcome"},
    "alarm.raised": _ALARM | {"enrolment_id", "rpps", "by", "source"},
    "alarm.escalated": _ALARM | {"turn", "rpps"},
    "alarm.acknowledged": _ALARM | {"turn", "minutes"},
    "alarm.closed": _ALARM | {"outcome"},
    "doctor_search.opened": frozenset({"search_id", "department", "priority", "age_band"}),
    "doctor_search.closed": frozenset({"search_id", "department", "priority", "outcome", "days", "proposals"}),
    "doctor_proposal.answered": frozenset({"proposal_id", "search_id", "answer", "after_hours"}),
    "step.due": _STEP | {"code", "role", "opens_at", "due_at"},
    "step.done": _STEP | {"code", "proof", "done_at"},
    "step.overdue": _STEP | {"role", "due_at"},
    "step.escalated": _STEP | {"code", "rung", "role", "due_at"},
    "step.replanned": _STEP | {"code", "opens_at", "due_at", "was_due_at", "state"},
    "step.skipped": _STEP | {"code"},
    "step.reopened": _STEP | {"code", "due_at"},
    "step.visit_wanted": frozenset({"visit_id", "attempt", "profession", "specialty", "act", "modes", "deadline"})
    | {"age_band", "commune", "department"},
    "step.visit_withdrawn": frozenset({"visit_id"}),
    "rebuild.completed": frozenset({"rebuild_id", "facts", "identical"}),
    "maturity.noted": frozenset({"sheet", "level", "was", "plan_version"}),
    "export.delivered": frozenset({"export_run_id", "schedule", "what", "period", "formats", "destination"})
    | {"tries", "files", "size"},
    "period.approved": frozenset({"period", "starts_at", "ends_at", "number", "figures", "approved_at"}),
}
"""Kind of fact -> the members of its payload that are kept."""


_IDENTIFIERS = ("slot_id", "from_slot_id", "call_id", "booking_id")


@dataclass(frozen=True)
class Fact:
    """One event as figures see it. `version` counts the changes of the aggregate `subject` from 1."""

    event_id: UUID
    territory: str
    kind: str
    type: str
    subject: str
    version: int
    occurred_at: datetime
    dimensions: Mapping[str, Any]

    @property
    def entity(self) -> str:
        """What it tells of: the first part of its kind."""
        return self.kind.partition(".")[0]

    @cached_property
    def _identifiers(self) -> dict[str, UUID]:
        named = ((name, self.dimensions.get(name)) for name in _IDENTIFIERS)
        return {name: UUID(str(value)) for name, value in named if value is not None}

    def identifier(self, name: str) -> UUID | None:
        """The id that the fact gives under `name` (slot_id, from_slot_id, call_id, booking_id), or None."""
        return self._identifiers.get(name)


@cache
def kind_of(event_type: str) -> str:
    """`entity.past-verb` out of `fr.cpts.<owner>.<entity>.<past-verb>.v<n>`."""
    return ".".join(event_type.split(".")[3:5])
