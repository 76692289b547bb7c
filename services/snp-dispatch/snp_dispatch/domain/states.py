"""The states of calls, holds and bookings, and the one door between them.

Every change of state goes through `step`: what is not in a table cannot happen, and the refusal has a
code. The tables are drawn in the README.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, TypeAlias, TypeVar

CallState: TypeAlias = Literal["open", "waiting", "booked", "refused", "redirected", "cancelled", "expired"]
HoldState: TypeAlias = Literal["active", "confirmed", "released", "expired"]
OfferState: TypeAlias = Literal["open", "accepted", "declined", "expired", "closed"]
BookingState: TypeAlias = Literal["confirmed", "cancelled", "fulfilled", "no_show"]
CancelledBy: TypeAlias = Literal["patient", "caller", "practitioner", "operator"]

S = TypeVar("S", bound=str)
Table: TypeAlias = Mapping[tuple[S, str], S]
"""(state, action) -> state after it."""

CALL: Table[CallState] = {
    ("open", "book"): "booked",
    ("waiting", "book"): "booked",
    ("open", "cancel"): "cancelled",
    ("waiting", "cancel"): "cancelled",
    ("open", "expire"): "expired",
    ("waiting", "expire"): "expired",
    ("booked", "close"): "cancelled",
    ("booked", "reopen"): "waiting",
}
HOLD: Table[HoldState] = {
    ("active", "confirm"): "confirmed",
    ("active", "release"): "released",
    ("active", "expire"): "expired",
    ("active", "extend"): "active",
    ("active", "transfer"): "active",
}
BOOKING: Table[BookingState] = {
    ("confirmed", "cancel"): "cancelled",
    ("confirmed", "fulfil"): "fulfilled",
    ("confirmed", "no_show"): "no_show",
    ("confirmed", "move"): "confirmed",
    ("fulfilled", "undo_outcome"): "confirmed",
    ("no_show", "undo_outcome"): "confirmed",
}

OFFER: Table[OfferState] = {
    ("open", "accept"): "accepted",
    ("open", "decline"): "declined",
    ("open", "expire"): "expired",
    ("open", "close"): "closed",
}

AWAITING: tuple[CallState, ...] = ("open", "waiting")
"""A call in these states may still be given a slot."""


class StepRefused(Exception):
    """The change is not allowed from this state, or not yet. `code` is stable."""

    def __init__(self, code: str, detail: str, state: str) -> None:
        super().__init__(detail)
        self.code, self.detail, self.state = code, detail, state


def step(table: Table[S], state: S, action: str, *, refusal: str) -> S:
    """The state after `action`. Raises StepRefused with the code `refusal`."""
    after = table.get((state, action))
    if after is None:
        raise StepRefused(refusal, f"Cannot {action.replace('_', ' ')}: the state is {state}", state)
    return after


def held_now(state: HoldState, expires_at: datetime, now: datetime) -> HoldState:
    """A hold's true state: past its time it holds nothing, even when nobody has swept it yet."""
    return "expired" if state == "active" and expires_at <= now else state


def waits_now(state: CallState, deadline: datetime, now: datetime) -> CallState:
    """A call's true state: past its deadline nothing may be booked, even when nobody has swept it yet."""
    return "expired" if state in AWAITING and deadline <= now else state


def end_booking(
    state: BookingState, action: str, starts_at: datetime, now: datetime, fulfil_before: timedelta
) -> BookingState:
    """The state of a booking after it ended. Raises StepRefused.

    Before its start a visit is cancelled; from its start it is a no-show or, `fulfil_before` earlier
    already (a patient may be early), fulfilled.
    """
    after = step(BOOKING, state, action, refusal="booking_not_active")
    if action == "cancel" and now >= starts_at:
        raise StepRefused("booking_started", "The visit has begun: say fulfilled or no-show", state)
    if action == "fulfil" and now < starts_at - fulfil_before:
        raise StepRefused("too_early", f"Possible from {(starts_at - fulfil_before).isoformat()}", state)
    if action == "no_show" and now < starts_at:
        raise StepRefused("too_early", f"Possible from {starts_at.isoformat()}", state)
    return after


def move_booking(state: BookingState, starts_at: datetime, now: datetime) -> BookingState:
    """The state of a booking that gets another slot. Raises StepRefused: it ended, or the visit has begun."""
    after = step(BOOKING, state, "move", refusal="booking_not_active")
    if now >= starts_at:
        raise StepRefused("booking_started", "The visit has begun: say fulfilled or no-show", state)
    return after


def undo_outcome(state: BookingState, ends_at: datetime, now: datetime, within: timedelta) -> BookingState:
    """The state of a booking whose outcome was said by mistake. Raises StepRefused: it has none, or it is final."""
    after = step(BOOKING, state, "undo_outcome", refusal="no_outcome")
    if now > ends_at + within:
        raise StepRefused("outcome_final", f"Possible until {(ends_at + within).isoformat()}", state)
    return after


def after_cancelled_booking(by: str, deadline: datetime, now: datetime) -> CallState:
    """What becomes of a booked call whose visit is cancelled.

    Patient and caller give up the need: the call closes. When the town cancels, the need is still there:
    the call waits again while its deadline lets it, else it expires.
    """
    action = "close" if by in ("patient", "caller") else "reopen"
    return waits_now(step(CALL, "booked", action, refusal="call_not_open"), deadline, now)
