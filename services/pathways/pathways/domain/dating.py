"""When the steps of an enrolment are due.

A step has a window of calendar days. Counted from another step, it opens as many days after that
step's window opens, and closes as many days after it closes; once that step is done, both count from
the day on which it was done. A step is due at the end of the last day of its window, by the calendar
of Paris: 23, 24 or 25 hours after that day began.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from pathways.domain.template import Step, Template

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Rule:
    """How one step is dated. `anchor` is the key of another step, None for the enrolment itself."""

    key: str
    anchor: str | None
    from_days: int
    to_days: int


@dataclass(frozen=True)
class Occurrence:
    """One time that a step is to be done: `number` of a repeated step, else None."""

    rule: Rule
    step: Step
    number: int | None


@dataclass(frozen=True)
class Window:
    """First and last day on which a step may be done in time."""

    from_on: date
    due_on: date

    @property
    def due_at(self) -> datetime:
        """The instant at which it is late."""
        return datetime.combine(self.due_on + timedelta(days=1), time.min, tzinfo=PARIS)


def lay_out(template: Template) -> list[Occurrence]:
    """Every step as often as it is to be done, in the order of the template."""
    keys = {step.code: step.keys for step in template.steps}
    return [occurrence for step in template.steps for occurrence in _occurrences(step, keys)]


def date_steps(rules: Iterable[Rule], started_on: date, done_on: Mapping[str, date]) -> dict[str, Window]:
    """The window of every step by key. `rules` come in order: an anchor before what hangs on it."""
    windows: dict[str, Window] = {}
    for rule in rules:
        anchor = _anchor(rule.anchor, started_on, done_on, windows)
        windows[rule.key] = Window(
            anchor.from_on + timedelta(days=rule.from_days), anchor.due_on + timedelta(days=rule.to_days)
        )
    return windows


def local_day(instant: datetime) -> date:
    """The calendar day in Paris."""
    return instant.astimezone(PARIS).date()


def _anchor(key: str | None, started_on: date, done_on: Mapping[str, date], windows: Mapping[str, Window]) -> Window:
    if key is None:
        return Window(started_on, started_on)
    if key in done_on:
        return Window(done_on[key], done_on[key])
    return windows[key]


def _occurrences(step: Step, keys: Mapping[str, tuple[str, ...]]) -> list[Occurrence]:
    anchor = keys[step.after][(step.occurrence or 0) - 1] if step.after else None
    first = Rule(step.keys[0], anchor, step.from_days, step.to_days)
    if step.repeat is None:
        return [Occurrence(first, step, None)]
    every, latest = step.repeat.every_days, step.repeat.every_days + step.repeat.tolerance_days
    later = [Rule(key, before, every, latest) for before, key in pairwise(step.keys)]
    return [Occurrence(rule, step, number) for number, rule in enumerate([first, *later], start=1)]
