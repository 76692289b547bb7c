"""A figure beside that of the period before."""

from datetime import datetime, tzinfo
from typing import Literal

from indicators.domain.periods import Period

Movement = Literal["up", "down", "stable"]

_MONTHS = {"year": 12, "half_year": 6, "quarter": 3}
_LETTERS = {"year": "", "half_year": "-H", "quarter": "-Q"}


def period_before(period: Period, zone: tzinfo) -> Period:
    """The period of the same kind that ends where this one begins."""
    months = _MONTHS[period.kind]
    year, month = divmod(period.start.year * 12 + period.start.month - 1 - months, 12)
    number = "" if period.kind == "year" else str(month // months + 1)
    start = datetime(year, month + 1, 1, tzinfo=zone)
    return Period(f"{year}{_LETTERS[period.kind]}{number}", period.kind, start, period.start)


def movement(value: float | None, before: float | None) -> Movement | None:
    """Where the figure went; None when one of the two is unknown."""
    if value is None or before is None:
        return None
    return "stable" if value == before else "up" if value > before else "down"
