"""As of when a list is asked for: a day means its end, as a snapshot taken that evening would show it."""

from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Query
from pydantic import AwareDatetime

from kit.problems import field_problem

_PARIS = ZoneInfo("Europe/Paris")
# Beyond them days cannot be counted on, nor turned into other time zones.
_FIRST_YEAR, _LAST_YEAR = 1900, 9000


def instant_of(at: date | datetime) -> datetime:
    """The first instant that no longer counts: the next midnight in Paris for a day, just after an instant."""
    if isinstance(at, datetime):
        return at + timedelta(microseconds=1)
    return datetime.combine(at + timedelta(days=1), time(), _PARIS)


async def _as_of(
    at: Annotated[
        date | AwareDatetime | None,
        Query(description="As it stood then: at the end of a day, or at an instant", examples=["2026-09-30"]),
    ] = None,
) -> datetime | None:
    """Up to where history counts; None for today. Raises Problem 422 `at_out_of_range`."""
    if at is not None and not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise field_problem("at", "at_out_of_range", f"Between {_FIRST_YEAR} and {_LAST_YEAR}")
    return None if at is None else instant_of(at)


AsOfDep = Annotated[datetime | None, Depends(_as_of)]
