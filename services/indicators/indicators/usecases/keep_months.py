"""Make the partitions of facts ahead of time, and those of facts that came for another month."""

from indicators.store import months
from kit.work import Work


async def keep_months(work: Work) -> int:
    """Answers how many partitions were made."""
    return await months.keep(work, work.now)
