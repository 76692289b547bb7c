"""When the patient of a visit is to be reminded of it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple


class Reminder(NamedTuple):
    """Due at `due`, `minutes` before the visit; after `until` the next one, or the visit, has come."""

    minutes: int
    due: datetime
    until: datetime


def reminders(starts_at: datetime, minutes: Iterable[int], now: datetime) -> Iterator[Reminder]:
    """Those still to come, the latest first. What was due before the visit was given is left out."""
    until = starts_at
    for before in sorted(set(minutes)):
        due = starts_at - timedelta(minutes=before)
        if due <= now:
            return
        yield Reminder(before, due, until)
        until = due
