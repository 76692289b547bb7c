"""Days and hours as French readers expect them on paper, in Paris."""

from datetime import datetime
from zoneinfo import ZoneInfo

_PARIS = ZoneInfo("Europe/Paris")
_MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet"),
    *("août", "septembre", "octobre", "novembre", "décembre"),
)


def french_day(instant: datetime) -> str:
    """`3 décembre 2026`."""
    there = instant.astimezone(_PARIS)
    return f"{'1er' if there.day == 1 else there.day} {_MONTHS[there.month - 1]} {there.year}"


def french_period(starts_at: datetime, ends_at: datetime) -> str:
    """`3 décembre 2026, de 20 h 00 à 22 h 00`; with both days when they differ."""
    first, last = french_day(starts_at), french_day(ends_at)
    if first == last:
        return f"{first}, de {_hour(starts_at)} à {_hour(ends_at)}"
    return f"du {first} à {_hour(starts_at)} au {last} à {_hour(ends_at)}"


def _hour(instant: datetime) -> str:
    there = instant.astimezone(_PARIS)
    return f"{there.hour} h {there.minute:02d}"
