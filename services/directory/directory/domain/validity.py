"""Until when something that somebody said holds."""

from datetime import date, timedelta


def last_day(said: date | None, today: date, days: int, longest_days: int) -> date:
    """The last day on which it counts: as said, or `days` from today.

    Raises ValueError for a day in the past or more than `longest_days` ahead.
    """
    if said is None:
        return today + timedelta(days=days)
    if not today <= said <= today + timedelta(days=longest_days):
        raise ValueError(f"From today to {longest_days} days ahead")
    return said
