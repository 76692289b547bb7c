"""What happened to a patient, and what is due, in the order of time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

Kind = Literal[
    "consent_given",
    "member_joined",
    "enrolled",
    "paused",
    "resumed",
    "step_opened",
    "step_due",
    "step_overdue",
    "step_done",
    "step_skipped",
    "visit_asked",
    "visit_not_found",
    "visit_withdrawn",
    "booking_confirmed",
    "booking_cancelled",
    "booking_fulfilled",
    "booking_missed",
    "closed",
    "search_opened",
    "doctor_asked",
    "doctor_answered",
    "search_closed",
    "stay_began",
    "stay_ended",
    "plan_published",
    "plan_withdrawn",
    "note_written",
    "patient_reported",
    "alarm_raised",
    "alarm_unanswered",
    "alarm_acknowledged",
    "alarm_closed",
    "advice_asked",
    "advice_overdue",
    "advice_closed",
    "exchange_opened",
    "exchange_closed",
    "consent_withdrawn",
    "objection_made",
    "objection_lifted",
    "member_left",
    "glass_broken",
]
"""Each is said by a line of `store/timeline_sources.py`."""


@dataclass(frozen=True)
class Moment:
    """One line of the timeline. `subject_id` is the enrolment, the step or the booking."""

    at: datetime
    kind: Kind
    subject_id: UUID
    label: str | None = None


def in_order(moments: Iterable[Moment]) -> list[Moment]:
    """By time; what fell together stands in the order of `Kind`, causes first."""
    order = get_args(Kind)
    return sorted(moments, key=lambda it: (it.at, order.index(it.kind), it.label or ""))
