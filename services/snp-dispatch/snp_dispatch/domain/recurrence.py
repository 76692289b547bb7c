"""Recurring availability, expanded to instants. Hours are those of the clock at the place of care, DST-safe.

The days come from weekdays or from an RRULE (RFC 5545), less exceptions and, if wanted, public holidays, plus extra
days. A range that ends at or before its start crosses midnight ("20:00" to "08:00"; "00:00" to "00:00" is a whole day);
it belongs to the day on which it starts. Steps are counted in real time from the start of the range, so that the night
of a clock change loses or gains an hour and never overlaps itself.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

DAY = timedelta(days=1)
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
"""Days that an availability may name."""

_PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d{0,2}",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}",
    "WKST": r"MO|TU|WE|TH|FR|SA|SU",
    "BYDAY": r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU))*",
    "BYMONTHDAY": r"-?([1-9]|[12]\d|3[01])(,-?([1-9]|[12]\d|3[01]))*",
    "BYMONTH": r"([1-9]|1[0-2])(,([1-9]|1[0-2]))*",
    "BYSETPOS": r"-?[1-9]\d?(,-?[1-9]\d?)*",
}
"""What a rule may say. Hours, minutes and seconds are not among it: the range of the day is stated apart."""
# Of the short frequencies only what always happens: a search for a day that never comes would take minutes.
_SHORT = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY"}


class RuleRefused(Exception):
    """The text is no rule that an availability can follow."""


@dataclass(frozen=True)
class Hours:
    """`weekdays` by ISO 8601 (1 Monday to 7 Sunday), or `rule`. Dates are inclusive, `valid_until` None is open."""

    zone: ZoneInfo
    starts: time
    ends: time
    slot_minutes: int
    every_minutes: int
    valid_from: date
    valid_until: date | None = None
    weekdays: frozenset[int] = frozenset()
    rule: str | None = None
    except_dates: frozenset[date] = frozenset()
    extra_dates: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Period:
    """A span of instants (UTC)."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Period") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def expand(hours: Hours, first: date, last: date, left_out: Callable[[date], bool] | None = None) -> list[Period]:
    """The periods of the ranges that start on the days `first` to `last`, in order of start.

    `left_out` tells a day on which nothing is offered (a public holiday); an extra date is offered all the same.
    """
    begin, end = max(first, hours.valid_from), min(last, hours.valid_until or last)
    named = {day for day in _named(hours, begin, end) if left_out is None or not left_out(day)}
    extra = {day for day in hours.extra_dates if begin <= day <= end}
    days = sorted((named | extra) - hours.except_dates)
    return [period for day in days for period in _of_day(hours, day)]


def check_rule(text: str, valid_from: date, valid_until: date | None) -> None:
    """Raises RuleRefused for a rule that cannot be followed, or that names no day of the period of validity."""
    first = _rule(text, valid_from).after(datetime.combine(valid_from - DAY, time()))
    if first is None or first.date() > (valid_until or LAST_DAY):
        raise RuleRefused("The rule names no day of the period of validity")


def days_by_rule(text: str, start: date, begin: date, end: date) -> list[date]:
    """The days from `begin` to `end` that a rule counted from `start` names. Raises RuleRefused."""
    return [it.date() for it in _rule(text, start).between(_midnight(begin), _midnight(end), inc=True)]


def _named(hours: Hours, begin: date, end: date) -> list[date]:
    if begin > end:
        return []
    if hours.rule is not None:
        return days_by_rule(hours.rule, hours.valid_from, begin, end)
    days = (begin + DAY * n for n in range((end - begin).days + 1))
    return [day for day in days if day.isoweekday() in hours.weekdays]


def _rule(text: str, start: date) -> rrule:
    """Counted from `start` (DTSTART). A rule in days, not in instants: the zone comes with the hours."""
    parts = [part.partition("=") for part in text.split(";")]
    names = [name for name, _, _ in parts]
    if len(set(names)) < len(names) or "FREQ" not in names:
        raise RuleRefused("A rule has one FREQ, and each part once")
    for name, _, value in parts:
        if name not in _PARTS or not re.fullmatch(_PARTS[name], value):
            raise RuleRefused(f"{name}={value} is not supported")
    if ("FREQ=DAILY" in text or "FREQ=WEEKLY" in text) and not set(names) <= _SHORT:
        raise RuleRefused("With DAILY and WEEKLY only BYDAY is supported: use MONTHLY or YEARLY")
    try:
        parsed = rrulestr(text, dtstart=_midnight(start))
    except ValueError as error:
        raise RuleRefused(str(error)) from None
    if not isinstance(parsed, rrule):
        raise RuleRefused("One rule only")
    return parsed


def _of_day(hours: Hours, day: date) -> Iterator[Period]:
    close = day + DAY if hours.ends <= hours.starts else day
    starts_at, closes_at = _instant(hours.zone, day, hours.starts), _instant(hours.zone, close, hours.ends)
    length, every = timedelta(minutes=hours.slot_minutes), timedelta(minutes=hours.every_minutes)
    while starts_at + length <= closes_at:
        yield Period(starts_at, starts_at + length)
        starts_at += every


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _instant(zone: ZoneInfo, day: date, at: time) -> datetime:
    """The first instant that the clocks there show so; an hour that is skipped moves forward."""
    return datetime.combine(day, at, zone).astimezone(UTC)
