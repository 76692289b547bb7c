"""Make the sums of months, of which figures are counted instead of the rows."""

from indicators.domain.months import months_over
from indicators.domain.zones import PARIS
from indicators.store import month_sums, projections
from kit.work import Work

MONTHS = 25
"""Two years and a month, so that a year and the one before it are counted from sums."""
LEAST = 500
"""Rows. A smaller month is read as fast as its sum."""


async def sum_months(work: Work) -> int:
    """Makes the sum of one month that waits for it; where none waits, looks for months that lack one.

    Answers how many were found, or whether more wait. A month a transaction: whoever adds facts of the territory waits
    until it ends. One that a late fact falls into is counted over its rows until it is found again.
    """
    wanted = await month_sums.next_wanted(work)
    if wanted is None:
        return await month_sums.want(work, months_over(work.now, PARIS, MONTHS), LEAST)
    await projections.lock_all(work, wanted.territory)
    await month_sums.make(work, wanted)
    return int(await month_sums.next_wanted(work) is not None)
