"""How far an action is: the state of each step as it was noted, and what is late by the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal

from indicators.domain.action_plan import Step

State = Literal["planned", "begun", "done"]


class BadProgressError(ValueError):
    """What was noted cannot be. `field` and `code` say what is wrong."""

    def __init__(self, field: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.field, self.code = field, code


@dataclass(frozen=True)
class Progress:
    """Where a step was noted to stand, and since which day (None: nothing was noted)."""

    state: State = "planned"
    since: date | None = None


@dataclass(frozen=True)
class StepStanding:
    """A step on a day. `days_late`: from its last day to that day, or to the day it was done; None without calendar."""

    step: Step
    state: State
    since: date | None
    late: bool
    days_late: int | None


def standing_of(step: Step, progress: Progress, today: date) -> StepStanding:
    """Late is a step that is not done after the last day of its calendar; without a calendar none is late."""
    done = progress.state == "done"
    days = None
    if step.calendar is not None:
        reached = progress.since if done and progress.since else today
        days = max(0, (reached - step.calendar.ends_on).days)
    return StepStanding(step, progress.state, progress.since, late=bool(days) and not done, days_late=days)


def sheet_state(steps: Sequence[StepStanding]) -> State:
    """Planned while nothing is begun, done when every step is."""
    states = {it.state for it in steps}
    return states.pop() if len(states) == 1 else "begun"


def check_progress(present: Progress, state: State | None, on_day: date, today: date, *, proved: bool) -> None:
    """Raises BadProgressError for a day to come, a state that stands already, an end before its beginning or
    without a proof."""
    if on_day > today:
        raise BadProgressError("on_day", "day_to_come", f"{on_day} is not over: note it when it happened")
    if state == present.state:
        raise BadProgressError("state", "state_already", f"It is {state} already: leave out the state to add a note")
    if state == "done" and present.since and on_day < present.since:
        raise BadProgressError("on_day", "done_before_begun", f"It was begun on {present.since}")
    if state == "done" and not proved:
        raise BadProgressError("proof", "proof_missing", "What is done is shown by a link or a reference")


def day_of(now: datetime, until: datetime | None, zone: tzinfo) -> date:
    """The day that a view is about: today, or the last one that counts before `until`."""
    return (now if until is None else until - timedelta(microseconds=1)).astimezone(zone).date()
