"""As of when a list is asked for: a day means its end, as a snapshot taken that evening would show it."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def instant_of(at: date | datetime) -> datetime:
    """The first instant that no longer counts: the next midnight in Paris for a day, just after an instant."""
    if isinstance(at, datetime):
        return at + timedelta(microseconds=1)
    return midnight(at + timedelta(days=1))


def midnight(day: date) -> datetime:
    """When a day begins in Paris."""
    return datetime.combine(day, time(), PARIS)


def paris_day(instant: datetime) -> date:
    """The day of an instant in Paris."""
    return instant.astimezone(PARIS).date()


def standing_day(now: datetime, until: datetime | None) -> date:
    """The day that a question is about: today, or the last day that counts before `until`."""
    return paris_day(now if until is None else until - timedelta(microseconds=1))
