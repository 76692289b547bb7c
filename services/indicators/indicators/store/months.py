"""The partitions of facts, one a month (UTC) of when the event occurred.

What occurred in a month that has no partition is kept in `fact_default`, counted like any other fact, until `keep`
gives it one.
"""

from datetime import datetime

from kit.work import Work

AHEAD = 3
"""Months that have a partition before anything occurs in them."""
_FARTHEST = 24
"""Months from now. What claims to occur later has a wrong clock: it stays where it is, and gets no partition."""

# Before the default partition is looked at: two who look, then want it for themselves, would wait in a circle.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(7063)"
_KEEP = """
SELECT count(*) FILTER (WHERE fact_month(month::date)) FROM (
    SELECT date_trunc('month', $1::timestamptz AT TIME ZONE 'UTC') + make_interval(months => n)
      FROM generate_series(0, $2::int) AS ahead (n)
    UNION
    SELECT DISTINCT date_trunc('month', occurred_at AT TIME ZONE 'UTC') FROM fact_default
     WHERE occurred_at BETWEEN '2000-01-01 UTC' AND $1 + make_interval(months => $3::int)
) AS wanted (month)
"""


async def keep(work: Work, now: datetime) -> int:
    """Makes the partitions that are missing, and moves into them what waits; answers how many. The system role."""
    await work.execute(_ONE_AT_A_TIME)
    return int(await work.fetchval(_KEEP, now, AHEAD, _FARTHEST))
