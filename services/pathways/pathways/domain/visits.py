"""The visit that a step needs: until when it is asked for, and why it is wanted no more."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast
from uuid import UUID

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


VisitState = Literal["wanted", "asked", "booked", "fulfilled", "missed", "cancelled", "expired", "refused", "withdrawn"]
CallEnd = Literal["cancelled", "expired", "refused"]
LIVE: tuple[VisitState, ...] = ("wanted", "asked", "booked")
AGAIN: tuple[VisitState, ...] = ("missed", "cancelled", "expired", "refused")
"""It came to nothing: asked for again while attempts are left."""


@dataclass(frozen=True)
class Seen:
    """A booking of the call, as its newest event says."""

    id: UUID
    state: str
    ended_by: str | None
    changed_at: datetime
    starts_at: datetime | None


def outcome(seen: Iterable[Seen], call_end: CallEnd | None) -> tuple[VisitState, Seen | None]:
    """How the asking stands, and the booking that says so.

    Patient and caller give up the need, so the call is closed; when the town cancels, the call waits for another slot.
    """
    newest = sorted(seen, key=lambda it: it.changed_at, reverse=True)
    for state, said in (("fulfilled", "fulfilled"), ("confirmed", "booked")):
        if found := next((it for it in newest if it.state == state), None):
            return cast(VisitState, said), found
    last = newest[0] if newest else None
    if call_end:
        return call_end, last
    if last and last.state == "missed":
        return "missed", last
    if last and last.state == "cancelled" and last.ended_by in ("patient", "caller"):
        return "cancelled", last
    return "asked", None
