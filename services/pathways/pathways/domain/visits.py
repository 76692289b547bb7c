"""The visit that a step needs: until when it is asked for, and why it is wanted no more."""

from datetime import datetime, timedelta
from typing import Literal

from pathways.domain.template_step import NeededVisit

Reason = Literal["step_closed", "step_moved", "pathway_paused", "pathway_ended", "patient_absent", "booked_otherwise"]
TO_DO = ("due", "overdue")

_REASONS: dict[str, Reason] = {
    "done": "step_closed",
    "skipped": "step_closed",
    "not_needed": "step_closed",
    "cancelled": "pathway_ended",
    "paused": "pathway_paused",
}


def deadline(need: NeededVisit, due_at: datetime, now: datetime) -> datetime:
    """Latest start of the visit: the end of the step's window, or some days from now once that has passed."""
    return due_at if due_at > now else now + timedelta(days=need.within_days)


def why_withdrawn(step_state: str, *, same_window: bool) -> Reason:
    """Why a visit of a step in this state is wanted no more."""
    if step_state in _REASONS:
        return _REASONS[step_state]
    return "patient_absent" if step_state in TO_DO and same_window else "step_moved"


def wanted_now(step_state: str, asked: Literal["due", "overdue"] | None) -> bool:
    """Whether a step in this state asks for its visit."""
    return step_state in TO_DO if asked == "due" else asked == step_state
