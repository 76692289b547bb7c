"""Days and midnights in Paris, and the day that a question about the past is about."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def midnight(day: date) -> datetime:
    """When a day begins in Paris."""
    return datetime.combine(day, time(), PARIS)


def paris_day(instant: datetime) -> date:
    """The day of an instant in Paris."""
    return instant.astimezone(PARIS).date()


def standing_day(now: datetime, until: datetime | None) -> date:
    """The day that a question is about: today, or the last day that counts before `until`."""
    return paris_day(now if until is None else until - timedelta(microseconds=1))
