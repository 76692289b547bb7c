"""What a new plan makes of the steps: which ones move, which are asked for, which are late no more."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pathways.domain.dating import Window

StepState = Literal["planned", "due", "overdue", "done", "skipped", "cancelled", "paused", "not_needed"]
OPEN: frozenset[StepState] = frozenset({"planned", "due", "overdue"})
"""States of a step that is still to be done."""
UNDONE: frozenset[StepState] = OPEN | {"paused"}
"""Those, and of a step that waits for its pathway to go on: what proves it may come meanwhile."""


@dataclass(frozen=True)
class Standing:
    """A step as it stands."""

    id: UUID
    key: str
    label: str
    state: StepState
    window: Window


@dataclass(frozen=True)
class Shift:
    """A step that has another window or state than before."""

    step: Standing
    window: Window
    state: StepState

    @property
    def moved(self) -> bool:
        return self.window != self.step.window


def has_its_turn(opens_at: datetime, anchor: str | None, undone: Collection[str], now: datetime) -> bool:
    """Whether the window of a step has opened, and the step that it counts from is no longer to be done.

    `undone`: keys of the steps of the enrolment that are still to be done.
    """
    return opens_at <= now and anchor not in undone


def shifts(
    steps: Iterable[Standing], windows: Mapping[str, Window], asked: Mapping[str, bool] | None, now: datetime
) -> list[Shift]:
    """What changes, in the order of the steps. `asked`: by key, whether a step is asked for; None leaves it as it is.

    What is done, skipped or cancelled stays as it is.
    """
    found = []
    for step in steps:
        if step.state in OPEN | {"not_needed", "paused"}:
            window = windows[step.key]
            state = restated(step.state, window, now, asked=None if asked is None else asked[step.key])
            if (window, state) != (step.window, step.state):
                found.append(Shift(step, window, state))
    return found


def restated(state: StepState, window: Window, now: datetime, *, asked: bool | None = None) -> StepState:
    """The state of a step in its new window. The timers tell what opens or passes; here it only goes back."""
    if asked is False:
        return "not_needed"
    if state == "not_needed":
        return "planned" if asked else state
    if state == "paused":
        return state
    if window.opens_at > now:
        return "planned"
    if state == "overdue" and window.due_at > now:
        return "due"
    return state
