"""As of when a list is asked for: a day means its end, as a snapshot taken that evening would show it."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_PARIS = ZoneInfo("Europe/Paris")


def instant_of(at: date | datetime) -> datetime:
    """The first instant that no longer counts: the next midnight in Paris for a day, just after an instant."""
    if isinstance(at, datetime):
        return at + timedelta(microseconds=1)
    return datetime.combine(at + timedelta(days=1), time(), _PARIS)
