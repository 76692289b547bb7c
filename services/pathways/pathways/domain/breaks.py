"""Breaks in care (*ruptures de parcours*): steps that are overdue, by gravity and by age."""

from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from pathways.domain.dating import midnight

Age: TypeAlias = Literal["week", "month", "older"]
"""Late for at most 7 days, for at most 30, for more."""
Order: TypeAlias = Literal["gravity", "age"]
"""Which come first: the gravest, and of these the oldest; or the oldest of all."""
WEEK, MONTH = 7, 30


def due_since(today: date, days: int) -> datetime:
    """When a step was due whose last day was so many days ago, by the calendar of Paris."""
    return midnight(today - timedelta(days=days - 1))


def days_late(due_on: date, today: date) -> int:
    """Whole days since the last day of its window."""
    return max(0, (today - due_on).days)
