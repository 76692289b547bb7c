"""Read periods and their history."""

from collections.abc import Sequence
from datetime import datetime

from indicators.domain.periods import Period
from indicators.domain.reporting import CLOSED, State
from indicators.store import periods
from kit.work import Record, Work


async def find_period(work: Work, period: Period) -> Record | None:
    """What was done to a period; None: nothing yet, it is open."""
    return await periods.find(work, period.id)


async def list_periods(
    work: Work, states: Sequence[State] | None, after: tuple[datetime, str] | None, limit: int
) -> list[Record]:
    """Periods to which something was done, the latest first."""
    return await periods.listed(work, states, after, limit)


async def list_published(work: Work, after: tuple[datetime, str] | None, limit: int) -> list[Record]:
    """Those that are approved or locked."""
    return await periods.listed(work, sorted(CLOSED), after, limit)


async def list_history(work: Work, period: Period, before: int | None, limit: int) -> list[Record]:
    """What was done to a period, the latest first."""
    return await periods.history(work, period.id, before, limit)
