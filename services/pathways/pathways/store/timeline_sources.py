"""Which tables know what happened to a patient and what is to come, and the moments of their rows.

A new kind of thing gets a line in `SOURCES` (and its words in `domain/timeline.py`): then it is on the timeline of the
patient, and on that of its enrolment, for whoever may read its kind of content. `NOT_SHOWN` says why a table has none.
"""

from dataclasses import dataclass

from pathways.domain.access import Kind as Content


@dataclass(frozen=True)
class Source:
    """Rows `t` of a table, each with its moments: kind, instant (null: it is none) and label, as SQL.

    `content` is what one must be allowed to read to see them. `enrolment` is the column that names the enrolment, null
    in what concerns the patient as a whole. A row without a column `patient_id` is the patient's by its enrolment.
    """

    table: str
    content: Content
    moments: tuple[tuple[str, str, str], ...]
    subject: str = "t.id"
    enrolment: str = "NULL::uuid"
    by_enrolment: bool = False

    def select(self, where: str) -> str:
        """Its moments, where this condition on {patient} and {enrolment} holds."""
        joined = "JOIN enrolment e ON e.id = t.enrolment_id" if self.by_enrolment else ""
        values = ", ".join(f"('{kind}', {at}, {label})" for kind, at, label in self.moments)
        patient = "e.patient_id" if self.by_enrolment else "t.patient_id"
        condition = where.format(patient=patient, enrolment=self.enrolment)
        return (
            f"SELECT moment.*, {self.subject} AS subject_id, {self.enrolment} AS enrolment_id "
            f"FROM {self.table} t {joined} CROSS JOIN LATERAL (VALUES {values}) AS moment (kind, at, label) "
            f"WHERE moment.at IS NOT NULL AND {condition}"
        )


def _first_of(day: str) -> str:
    return f"{day}::timestamp AT TIME ZONE 'Europe/Paris'"


def _while(condition: str, at: str) -> str:
    return f"CASE WHEN {condition} THEN {at} END"


SOURCES: tuple[Source, ...] = (
    Source(
        "enrolment",
        "pathway",
        (("enrolled", "t.created_at", "t.label"), ("closed", "t.closed_at", "t.leave_reason")),
        enrolment="t.id",
    ),
    Source(
        "step",
        "pathway",
        (
            ("step_opened", _while("t.began_at IS NOT NULL", "t.opens_at"), "t.label"),
            ("step_due", _while("t.state IN ('planned', 'due')", "t.due_at"), "t.label"),
            ("step_overdue", _while("t.overdue_at IS NOT NULL", "t.due_at"), "t.label"),
            ("step_done", "t.done_at", "t.label"),
            ("step_skipped", _while("t.state = 'skipped'", "t.changed_at"), "t.label"),
        ),
        enrolment="t.enrolment_id",
        by_enrolment=True,
    ),
    Source(
        "enrolment_booking",
        "pathway",
        (
            ("booking_confirmed", "t.confirmed_at", "NULL::text"),
            ("booking_cancelled", _while("t.state = 'cancelled'", "t.changed_at"), "NULL"),
            ("booking_fulfilled", _while("t.state = 'fulfilled'", "t.changed_at"), "NULL"),
            ("booking_missed", _while("t.state = 'missed'", "t.changed_at"), "NULL"),
        ),
        subject="t.booking_id",
        enrolment="t.enrolment_id",
        by_enrolment=True,
    ),
    Source(
        "care_plan",
        "clinical",
        (
            ("plan_published", "t.published_at", "t.number::text"),
            ("plan_withdrawn", "t.withdrawn_at", "t.number::text"),
        ),
        enrolment="t.enrolment_id",
    ),
    Source(
        "note",
        "clinical",
        (
            ("note_written", _while("t.writer = 'professional'", "t.written_at"), "t.kind"),
            ("patient_reported", _while("t.writer <> 'professional'", "t.written_at"), "t.kind"),
        ),
        enrolment="t.enrolment_id",
    ),
    Source(
        "thread",
        "clinical",
        (("exchange_opened", "t.opened_at", "NULL::text"), ("exchange_closed", "t.closed_at", "NULL")),
        enrolment="t.enrolment_id",
    ),
    Source(
        "advice",
        "clinical",
        (
            ("advice_asked", "t.asked_at", "t.kind"),
            ("advice_overdue", "t.overdue_at", "t.kind"),
            ("advice_closed", "t.closed_at", "t.state"),
        ),
    ),
    Source(
        "alarm",
        "clinical",
        (
            ("alarm_raised", "t.raised_at", "t.code"),
            ("alarm_unanswered", "t.unanswered_at", "t.code"),
            ("alarm_acknowledged", "t.acknowledged_at", "t.code"),
            ("alarm_closed", "t.closed_at", "t.outcome"),
        ),
        enrolment="t.enrolment_id",
    ),
    Source(
        "step_visit",
        "pathway",
        (
            ("visit_asked", "t.asked_at", "NULL::text"),
            ("visit_not_found", _while("t.state IN ('expired', 'refused')", "t.changed_at"), "t.state"),
            ("visit_withdrawn", _while("t.state = 'withdrawn' AND t.asked_at IS NOT NULL", "t.changed_at"), "t.reason"),
        ),
        enrolment="t.enrolment_id",
        by_enrolment=True,
    ),
    Source(
        "pause",
        "pathway",
        (("paused", _first_of("t.from_on"), "t.reason"), ("resumed", "t.resumed_at", "NULL")),
        enrolment="t.enrolment_id",
        by_enrolment=True,
    ),
    Source(
        "consent",
        "consent",
        (("consent_given", "t.recorded_at", "t.purpose"), ("consent_withdrawn", "t.withdrawn_at", "t.purpose")),
        enrolment="t.enrolment_id",
    ),
    Source(
        "objection",
        "consent",
        (("objection_made", _first_of("t.made_on"), "t.against"), ("objection_lifted", "t.withdrawn_at", "t.against")),
    ),
    Source(
        "team_member",
        "team",
        (("member_joined", "t.starts_at", "t.role"), ("member_left", "t.ends_at", "t.role")),
        enrolment="t.enrolment_id",
    ),
    Source(
        "stay",
        "clinical",
        (
            ("stay_began", _while("NOT t.cancelled", _first_of("t.arrived_on")), "t.motive"),
            ("stay_ended", _while("NOT t.cancelled", _first_of("t.left_on")), "t.destination"),
        ),
    ),
    Source(
        "doctor_search",
        "team",
        (("search_opened", "t.opened_at", "NULL::text"), ("search_closed", "t.closed_at", "t.outcome")),
    ),
    Source(
        "doctor_proposal",
        "team",
        (("doctor_asked", "t.proposed_at", "NULL::text"), ("doctor_answered", "t.answered_at", "t.state")),
    ),
    Source("break_glass", "trace", (("glass_broken", "t.opened_at", "t.reason"),)),
)
CONTENTS: frozenset[Content] = frozenset(source.content for source in SOURCES)
"""Kinds of content that a timeline has moments of."""
NOT_SHOWN = {
    "patient_link": "listed with the pathway; each use of one is in the record of accesses",
    "expert_role": "the consent that it rests on is shown, given and withdrawn",
    "care_plan_recipient": "who has read a version is listed with it",
    "note_read": "who has read a note is listed with it",
    "note_file": "listed with its note",
    "thread_participant": "listed with the exchange, for who takes part in it",
    "thread_message": "read in the exchange, by who takes part in it",
    "thread_read": "who has read a message is listed with it",
    "thread_file": "listed with its message",
    "alarm_handover": "listed with its alarm",
    "alarm_ref": "what a platform calls the patient: nothing that happened to them",
    "patient_duplicate": "of entries, not of the patient",
}
"""Tables with rows of a patient (`store/held.py`) that have no line on a timeline, and why."""
