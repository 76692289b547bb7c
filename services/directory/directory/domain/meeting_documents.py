"""Documents of a meeting: what they are, which files are taken, and when a convocation is late."""

from datetime import date
from typing import Literal

DocumentKind = Literal["convocation", "accounts", "budget", "report", "minutes", "other"]
"""Convocation, annual accounts (*comptes annuels*), budget orientations, report (activity, auditor), minutes."""

MOST_BYTES = 10_000_000


def notice_days(sent_on: date, meeting_on: date) -> int:
    """Clear days between the sending and the meeting (*jours francs*): neither of the two counts."""
    return max(0, (meeting_on - sent_on).days - 1)
