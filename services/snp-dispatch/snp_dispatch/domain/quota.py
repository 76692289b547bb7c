"""Quotas: how many slots of an effector one organisation may have a day or a week."""

from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

QuotaPeriod = Literal["day", "week"]


def window(period: str, starts_at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The day, or the week from Monday, in which a slot starts by the clock of its place: [first, last) instants."""
    day = starts_at.astimezone(zone).date()
    first = day if period == "day" else day - timedelta(days=day.weekday())
    last = first + timedelta(days=1 if period == "day" else 7)
    return datetime.combine(first, time(), zone), datetime.combine(last, time(), zone)
