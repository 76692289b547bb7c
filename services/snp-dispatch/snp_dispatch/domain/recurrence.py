"""Weekly recurring availability, expanded to instants. Hours are local (Europe/Paris), DST-safe.

A range that ends at or before its start crosses midnight ("20:00" to "08:00"; "00:00" to "00:00" is a
whole day); it belongs to the weekday on which it starts. Steps are counted in real time from the start
of the range, so that the night of a clock change loses or gains an hour and never overlaps itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
DAY = timedelta(days=1)


@dataclass(frozen=True)
class WeeklyHours:
    """`weekdays` by ISO 8601: 1 Monday to 7 Sunday. Dates are inclusive, `valid_until` None is open."""

    weekdays: frozenset[int]
    starts: time
    ends: time
    slot_minutes: int
    every_minutes: int
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True)
class Period:
    """A span of instants (UTC)."""

    starts_at: datetime
    ends_at: datetime


def local_date(instant: datetime) -> date:
    """The calendar day in France."""
    return instant.astimezone(PARIS).date()


def expand(hours: WeeklyHours, first: date, last: date) -> list[Period]:
    """The periods of the ranges that start on the days `first` to `last`, in order of start."""
    begin = max(first, hours.valid_from)
    end = min(last, hours.valid_until or last)
    days = (begin + DAY * n for n in range((end - begin).days + 1))
    return [period for day in days if day.isoweekday() in hours.weekdays for period in _of_day(hours, day)]


def _of_day(hours: WeeklyHours, day: date) -> Iterator[Period]:
    close = day + DAY if hours.ends <= hours.starts else day
    starts_at, closes_at = _instant(day, hours.starts), _instant(close, hours.ends)
    length, every = timedelta(minutes=hours.slot_minutes), timedelta(minutes=hours.every_minutes)
    while starts_at + length <= closes_at:
        yield Period(starts_at, starts_at + length)
        starts_at += every


def _instant(day: date, at: time) -> datetime:
    """The first instant that the clocks of France show so; an hour that is skipped moves forward."""
    return datetime.combine(day, at, PARIS).astimezone(UTC)
