"""Days, times and euros as French readers expect them, in letters, pages and files."""

from datetime import date, datetime
from decimal import Decimal

from directory.domain.as_of import PARIS

_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet"),
    *("août", "septembre", "octobre", "novembre", "décembre"),
)


def french_day(day: date) -> str:
    """`3 décembre 2026`: in sentences."""
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def french_date(day: date) -> str:
    """`03/12/2026`: in tables."""
    return f"{day:%d/%m/%Y}"


def french_hour(instant: datetime) -> str:
    """`8 h 05`, in Paris."""
    there = instant.astimezone(PARIS)
    return f"{there.hour} h {there.minute:02d}"


def french_time(instant: datetime) -> str:
    """`3 décembre 2026 à 8 h 05`, in Paris."""
    return f"{french_day(instant.astimezone(PARIS).date())} à {french_hour(instant)}"


def euros(amount: Decimal) -> str:
    """`1234,50`."""
    return f"{amount:.2f}".replace(".", ",")
