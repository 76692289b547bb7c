"""When the steps of an enrolment are due: a function of the plan, whatever happened in which order.

A step has a window of calendar days. Counted from another step, it opens as many days after that step's window opens,
and closes as many days after it closes; once that step is done, both count from the day on which it was done. A day
that somebody chose for a step (a postponed cure) is its window instead. Days of a pause do not count. A step is due
at the beginning of the first day of its window and late at the end of the last, by the calendar of Paris: a day has
23, 24 or 25 hours.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pathways.domain.layout import Rule, in_order

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True)
class Window:
    """First and last day on which a step may be done in time."""

    from_on: date
    due_on: date

    @property
    def opens_at(self) -> datetime:
        """The instant from which it is to be done."""
        return midnight(self.from_on)

    @property
    def due_at(self) -> datetime:
        """The instant at which it is late."""
        return midnight(self.due_on + timedelta(days=1))


@dataclass(frozen=True)
class Pause:
    """Days that do not count, from the first to the day before `until_on`."""

    from_on: date
    until_on: date


@dataclass(frozen=True)
class Plan:
    """What the dates of an enrolment follow from, beside the rules: by name of day and by key of step."""

    started_on: date
    dates: Mapping[str, date] = field(default_factory=dict)
    done_on: Mapping[str, date] = field(default_factory=dict)
    chosen: Mapping[str, Window] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()


def date_steps(rules: Iterable[Rule], plan: Plan) -> dict[str, Window]:
    """The window of every step by key. The rules refer to each other without a circle."""
    known = {rule.key: rule for rule in rules}
    windows: dict[str, Window] = {}
    for key in in_order({rule.key: {rule.anchor} if rule.anchor else set() for rule in known.values()}):
        rule = known[key]
        windows[key] = plan.chosen.get(key) or _counted(rule, _anchor(rule, plan, windows), plan.pauses)
    return windows


def local_day(instant: datetime) -> date:
    """The calendar day in Paris."""
    return instant.astimezone(PARIS).date()


def midnight(day: date) -> datetime:
    """The instant at which the day begins in Paris."""
    return datetime.combine(day, time.min, tzinfo=PARIS)


def count_days(day: date, days: int, pauses: Iterable[Pause]) -> date:
    """So many days after (or before) a day. Forward, days of a pause do not count; a day within one is its end."""
    found = day + timedelta(days=days)
    if days < 0:
        return found
    for pause in sorted(pauses, key=lambda it: it.from_on):
        if day < pause.from_on <= found:
            found += pause.until_on - pause.from_on
        elif pause.from_on <= day < pause.until_on:
            found += pause.until_on - day
    return found


def _counted(rule: Rule, anchor: Window, pauses: tuple[Pause, ...]) -> Window:
    return Window(count_days(anchor.from_on, rule.from_days, pauses), count_days(anchor.due_on, rule.to_days, pauses))


def _anchor(rule: Rule, plan: Plan, windows: Mapping[str, Window]) -> Window:
    if rule.anchor is None:
        day = plan.started_on if rule.date is None else plan.dates[rule.date]
        return Window(day, day)
    if rule.anchor in plan.done_on:
        return Window(plan.done_on[rule.anchor], plan.done_on[rule.anchor])
    return windows[rule.anchor]
