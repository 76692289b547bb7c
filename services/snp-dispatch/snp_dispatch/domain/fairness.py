"""How much a practitioner carries already: a decaying ledger of their visits (*équité*).

    load = sum over their visits of 0.5 ** (age of the confirmation / half-life)
    share = min(1, load / full_load)

The ledger is the table of bookings itself: a visit that is confirmed counts from that instant, one that is cancelled
does no longer, in the same transaction and with nothing to keep in step. The share weighs at most `weights.fairness`
points, so that a newcomer is preferred by that much and no more, and nobody's slot is ever hidden.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median

from snp_dispatch.domain.policy import Fairness

Visits = Sequence[datetime]
"""When visits were confirmed."""

RECENT = 400
"""Visits that are looked at, the latest; `full_load` is less."""


def decayed(fairness: Fairness, confirmed: Visits, now: datetime) -> float:
    """The load in visits, each counting less with its age."""
    half_life = timedelta(days=fairness.half_life_days)
    ages = (max(now - at, timedelta(0)) / half_life for at in sorted(confirmed))
    return sum((2.0**-age for age in ages), 0.0)


def load_of(fairness: Fairness, confirmed: Visits, now: datetime) -> float:
    """The share of a full load, from 0 to 1, to the hundredth."""
    return min(1.0, round(decayed(fairness, confirmed, now) / fairness.full_load, 2))


def median_load(fairness: Fairness, everyone: Iterable[Visits], now: datetime) -> float:
    """The load in the middle, of those who have any."""
    return round(median([decayed(fairness, confirmed, now) for confirmed in everyone] or [0.0]), 2)
