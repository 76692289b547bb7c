"""A figure beside that of the period before."""

from datetime import timedelta, tzinfo
from typing import Literal

from indicators.domain.periods import Period, parse_period

Movement = Literal["up", "down", "stable"]


def period_before(period: Period, zone: tzinfo) -> Period:
    """The period of the same kind that ends where this one begins."""
    last = (period.start - timedelta(days=1)).astimezone(zone)
    tails = {"year": "", "half_year": f"-H{(last.month + 5) // 6}", "quarter": f"-Q{(last.month + 2) // 3}"}
    return parse_period(f"{last.year}{tails[period.kind]}", zone)


def movement(value: float | None, before: float | None) -> Movement | None:
    """Where the figure went; None when one of the two is unknown."""
    if value is None or before is None:
        return None
    return "stable" if value == before else "up" if value > before else "down"
