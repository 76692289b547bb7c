"""The day and the hour on the sample territory."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def today_in_france() -> date:
    """The calendar day in mainland France; between midnight and one or two o'clock there, UTC is a day behind."""
    return datetime.now(PARIS).date()


def hour(instant: str) -> str:
    """An instant of an answer, for a reader: `Monday 23 08:30`."""
    return f"{datetime.fromisoformat(instant).astimezone(PARIS):%A %d %H:%M}"
