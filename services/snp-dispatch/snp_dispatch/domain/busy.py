"""Busy time out of somebody's iCalendar file (RFC 5545): when they are away, and nothing else of it.

What is free or cancelled does not count, nor what comes from our own feed. Recurring events are expanded day by day,
by the clock of their own zone; a day that was moved or removed is no longer an occurrence. Floating times and whole
days are those of `zone`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from snp_dispatch.domain.recurrence import Period, RuleRefused, days_by_rule

MOST = 2000
"""Periods of one calendar that are kept."""


class CalendarRefused(Exception):
    """The text is not a calendar that can be read."""


@dataclass(frozen=True)
class BusyTime:
    """`skipped` counts the recurring events whose rule is not supported: only their first occurrence counts."""

    periods: tuple[Period, ...]
    skipped: int


@dataclass(frozen=True)
class _Span:
    """An event's first occurrence: local start, with its zone, and how long it lasts."""

    start: datetime
    length: timedelta

    def on(self, day: date) -> Period:
        starts_at = datetime.combine(day, self.start.timetz()).astimezone(UTC)
        return Period(starts_at, starts_at + self.length)


def busy_time(text: str, since: datetime, until: datetime, zone: ZoneInfo) -> BusyTime:
    """Busy periods that touch [since, until), in order. Raises CalendarRefused."""
    try:
        events: list[Any] = [
            it for it in Calendar.from_ical(text).walk("VEVENT") if isinstance(it, Event) and _counts(it)
        ]
        moved = {(str(it.get("UID")), _day(it["RECURRENCE-ID"].dt, zone)) for it in events if "RECURRENCE-ID" in it}
        found, skipped = set[Period](), 0
        for event in events:
            periods, understood = _occurrences(event, moved, since, until, zone)
            found |= {it for it in periods if it.starts_at < until and it.ends_at > since}
            skipped += not understood
    except (ValueError, KeyError, IndexError, AttributeError, TypeError, OverflowError) as error:
        raise CalendarRefused(f"Not a calendar that can be read: {type(error).__name__}") from None
    return BusyTime(tuple(sorted(found, key=lambda it: (it.starts_at, it.ends_at))[:MOST]), skipped)


def _counts(event: Any) -> bool:
    free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT" or str(event.get("STATUS", "")).upper() == "CANCELLED"
    return "DTSTART" in event and not free and not str(event.get("UID", "")).endswith("@cpts")


def _occurrences(
    event: Any, moved: set[tuple[str, date]], since: datetime, until: datetime, zone: ZoneInfo
) -> tuple[list[Period], bool]:
    span = _span(event, zone)
    first = span.start.date()
    if "RECURRENCE-ID" in event or "RRULE" not in event:
        return [span.on(first)], True
    begin = max(first, (since - span.length).date() - timedelta(days=1))
    try:
        days = days_by_rule(_rule(event, span, zone), first, begin, until.date() + timedelta(days=1))
    except RuleRefused:
        return [span.on(first)], False
    uid, left_out = str(event.get("UID")), set(_dates(event, "EXDATE", zone))
    return [span.on(day) for day in days if day not in left_out and (uid, day) not in moved], True


def _span(event: Any, zone: ZoneInfo) -> _Span:
    start, end = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else None
    begins = _instant(start, zone)
    if end is not None:
        return _Span(begins, max(_instant(end, zone) - begins, timedelta(0)))
    if "DURATION" in event:
        return _Span(begins, max(event["DURATION"].dt, timedelta(0)))
    return _Span(begins, timedelta(0) if isinstance(start, datetime) else timedelta(days=1))


def _rule(event: Any, span: _Span, zone: ZoneInfo) -> str:
    """The rule as days: an UNTIL with a time becomes the day there."""
    parts = dict(event["RRULE"])
    if "UNTIL" in parts:
        last = _instant(parts["UNTIL"][0], zone).astimezone(span.start.tzinfo).date()
        parts["UNTIL"] = [f"{last:%Y%m%d}"]
    return ";".join(f"{name}={','.join(str(it) for it in values)}" for name, values in parts.items())


def _dates(event: Any, name: str, zone: ZoneInfo) -> Iterator[date]:
    stated = event.get(name, [])
    for one in stated if isinstance(stated, list) else [stated]:
        yield from (_day(it.dt, zone) for it in one.dts)


def _day(stated: Any, zone: ZoneInfo) -> date:
    return _instant(stated, zone).date()


def _instant(stated: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(stated, datetime):
        return datetime.combine(stated, time(), zone)
    return stated if stated.tzinfo else stated.replace(tzinfo=zone)
