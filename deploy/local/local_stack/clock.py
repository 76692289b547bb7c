"""The day on the sample territory."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def today_in_france() -> date:
    """The calendar day in mainland France; between midnight and one or two o'clock there, UTC is a day behind."""
    return datetime.now(ZoneInfo("Europe/Paris")).date()
