"""Fresh tables beside the kept ones, in a schema that lives and dies with one transaction.

The same SQL works on either side: the names of tables are found by the search path.
"""

from indicators.domain.sources import SOURCES
from indicators.store import projections
from indicators.store.places import PLACES
from kit.work import Work

_SCHEMA = "replay"
_TABLES = ("fact", *(projection.table for projection in projections.ALL), "month_sum")
"""The sums of months stay empty: what is served is held against what the rows say."""
_TOLD = sorted({kind for name, place in PLACES.items() if not place.visits for kind in SOURCES[name].proofs})
"""Facts that a source reads as they were told; a shift counts when it starts, whenever it was taken."""
_MOMENT = "SELECT coalesce((dimensions ->> 'starts_at')::timestamptz, occurred_at)"
_QUARTERS = f"""
SELECT DISTINCT to_char(moment AT TIME ZONE $1, 'YYYY"-Q"Q') AS quarter FROM (
    SELECT starts_at FROM public.slot_fact UNION ALL SELECT received_at FROM public.call_fact
    UNION ALL SELECT starts_at FROM replay.slot_fact UNION ALL SELECT received_at FROM replay.call_fact
    UNION ALL {_MOMENT} FROM public.fact WHERE kind = ANY ($2)
    UNION ALL {_MOMENT} FROM replay.fact WHERE kind = ANY ($2)
) AS moments(moment) WHERE moment IS NOT NULL ORDER BY quarter
"""


async def begin(work: Work) -> None:
    """Fixes what is seen of the kept tables, and makes empty ones. The owner's role; the caller rolls back."""
    await work.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    await work.execute(f"CREATE SCHEMA {_SCHEMA}")
    for table in _TABLES:
        await work.execute(f"CREATE TABLE {_SCHEMA}.{table} (LIKE public.{table} INCLUDING ALL)")


async def look_at_fresh(work: Work) -> None:
    """Statements from here on read and write the fresh tables."""
    await work.execute(f"SET LOCAL search_path = {_SCHEMA}")


async def look_at_kept(work: Work) -> None:
    """Statements from here on read the tables that serve requests."""
    await work.execute("SET LOCAL search_path = public")


async def settle(work: Work) -> None:
    """Lets the planner know how large the fresh tables have become."""
    await work.execute("ANALYZE " + ", ".join(f"{_SCHEMA}.{table}" for table in _TABLES))


async def territories(work: Work) -> list[str]:
    """Those that have a fact on either side."""
    rows = await work.fetch("SELECT territory FROM public.fact UNION SELECT territory FROM replay.fact ORDER BY 1")
    return [row["territory"] for row in rows]


async def quarters(work: Work, timezone: str) -> list[str]:
    """The quarters into which a slot, a call, a shift or what was told falls, on either side."""
    return [row["quarter"] for row in await work.fetch(_QUARTERS, timezone, _TOLD)]


async def missing(work: Work) -> int:
    """How many kept facts are not among the fresh ones."""
    return int(
        await work.fetchval(
            "SELECT count(*) FROM public.fact WHERE NOT EXISTS "
            "(SELECT FROM replay.fact WHERE fact.event_id = public.fact.event_id)"
        )
    )
