"""What another version of a pathway makes of a running enrolment."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pathways.domain.dating import Window
from pathways.domain.layout import Occurrence
from pathways.domain.replanning import OPEN, Standing, StepState, restated
from pathways.domain.template import asked_for

ChangeKind = Literal["added", "removed", "moved", "not_needed", "passed"]
"""Added, removed (it was to be done and is no more), moved, no more asked for; or new, but its window has passed: it is
not asked for, as nobody could have done it in time."""


@dataclass(frozen=True)
class Change:
    """One difference for the patient."""

    kind: ChangeKind
    key: str
    label: str
    was: Window | None
    now: Window | None


@dataclass(frozen=True)
class Draft:
    """A step of the new version, with the one that stands under its key, if any."""

    occurrence: Occurrence
    known: Standing | None
    window: Window
    state: StepState
    change: Change | None


def drafts(
    laid_out: Iterable[Occurrence],
    known: Mapping[str, Standing],
    windows: Mapping[str, Window],
    facts: Collection[str],
    now: datetime,
) -> list[Draft]:
    """Every step of the new version, in its order."""
    return [_draft(it, known.get(it.rule.key), windows[it.rule.key], facts, now) for it in laid_out]


def removed(laid_out: Iterable[Occurrence], known: Mapping[str, Standing]) -> list[Change]:
    """Open steps that the new version does not have."""
    kept = {it.rule.key for it in laid_out}
    return [
        Change("removed", step.key, step.label, step.window, None)
        for step in known.values()
        if step.key not in kept and step.state in OPEN | {"paused"}
    ]


def _draft(it: Occurrence, known: Standing | None, window: Window, facts: Collection[str], now: datetime) -> Draft:
    asked = asked_for(it.step, facts)
    if known is None:
        return _new(it, window, asked, now)
    if known.state not in OPEN | {"not_needed", "paused"}:
        return Draft(it, known, known.window, known.state, None)
    state = restated(known.state, window, now, asked=asked)
    kind: ChangeKind | None = None
    if state == "not_needed" != known.state:
        kind = "not_needed"
    elif known.state == "not_needed" != state:
        kind = "added"
    elif state != "not_needed" and window != known.window:
        kind = "moved"
    change = Change(kind, known.key, it.step.label, known.window, window) if kind else None
    return Draft(it, known, window, state, change)


def _new(it: Occurrence, window: Window, asked: bool, now: datetime) -> Draft:
    if not asked:
        return Draft(it, None, window, "not_needed", None)
    passed = window.due_at <= now
    change = Change("passed" if passed else "added", it.rule.key, it.step.label, None, window)
    return Draft(it, None, window, "not_needed" if passed else "planned", change)
