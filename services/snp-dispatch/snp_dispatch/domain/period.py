"""Periods of the calendar that are paid: quarter, half-year, year."""

from datetime import datetime, tzinfo
from typing import NamedTuple

PERIOD = r"^20[0-9]{2}(-(H[12]|Q[1-4]))?$"
"""`2026`, `2026-H2` or `2026-Q4`."""

_MONTHS = {"Q": 3, "H": 6}


class Period(NamedTuple):
    """`start` belongs to it, `end` is the first instant after it; `year` began at `year_start`."""

    id: str
    year: int
    year_start: datetime
    start: datetime
    end: datetime


def period_of(text: str, zone: tzinfo) -> Period:
    """The period that a text of the form PERIOD names, its midnights taken in `zone`."""
    year = int(text[:4])
    months = _MONTHS[text[5]] if len(text) > 4 else 12
    first = (int(text[6]) - 1) * months if len(text) > 4 else 0
    return Period(
        text, year, _midnight(year, 0, zone), _midnight(year, first, zone), _midnight(year, first + months, zone)
    )


def _midnight(year: int, month: int, zone: tzinfo) -> datetime:
    """The first instant of a month; months count from 0."""
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
