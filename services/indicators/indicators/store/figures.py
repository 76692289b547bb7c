"""Counts for figures, computed when asked for."""

from indicators.domain.catalogue import Count
from indicators.domain.periods import Period
from indicators.store.language import Rows, entries_of
from indicators.store.places import PLACES
from kit.work import Record, Work

UNKNOWN = "unknown"
"""Code of the part whose field is not known."""

_GAPS = """
SELECT EXISTS (SELECT FROM slot_fact
               WHERE territory = $1 AND NOT published AND booked AND starts_at >= $2 AND starts_at < $3) AS slots,
       EXISTS (SELECT FROM call_fact
               WHERE territory = $1 AND NOT standing AND booked AND received_at >= $2 AND received_at < $3) AS calls
"""


async def tally(work: Work, count: Count, period: Period) -> tuple[int, dict[str, dict[str, int]]]:
    """How many, and the same by each field of the breakdown, in one pass over the sums of months and the other rows.

    Codes that the definition names are always in the breakdown, with 0 when there are none.
    """
    rows = entries_of(count, work.territory, period)
    return _read(count, await work.fetch(_statement(count, rows), *rows.args))


async def gaps(work: Work, period: Period) -> dict[str, bool]:
    """By source of visits: whether a booking of the period waits for its slot's publication, or for its call."""
    (row,) = await work.fetch(_GAPS, work.territory, period.start, period.end)
    return {name: bool(row[name]) for name, place in PLACES.items() if place.visits}


def _statement(count: Count, rows: Rows) -> str:
    if rows.weight:
        weighed = ", ".join((f"{rows.weight} AS weight", *count.by))
        counted, number = f"SELECT {weighed}", "coalesce(sum(weight), 0)::bigint"
    elif rows.distinct:
        counted, number = f"SELECT DISTINCT {', '.join((f'{rows.unit} AS unit', *count.by))}", "count(DISTINCT unit)"
    else:
        counted, number = f"SELECT {', '.join(count.by) or '1'}", "count(*)"
    if not count.by:
        number = "count(*)" if rows.distinct and not rows.weight else number
        return f"{rows.head}SELECT {number} AS number FROM ({counted} {rows.sql}) AS counted"
    fields, sets = ", ".join(count.by), ", ".join(("()", *(f"({name})" for name in count.by)))
    grouped = ", ".join(f"GROUPING({name}) = 0 AS by_{name}" for name in count.by)
    return (
        f"{rows.head}SELECT {number} AS number, {fields}, {grouped} FROM ({counted} {rows.sql}) AS counted "
        f"GROUP BY GROUPING SETS ({sets})"
    )


def _read(count: Count, rows: list[Record]) -> tuple[int, dict[str, dict[str, int]]]:
    total, breakdown = 0, {name: _named(count, name) for name in count.by}
    for row in rows:
        name = next((item for item in count.by if row[f"by_{item}"]), None)
        if name is None:
            total = row["number"]
        else:
            breakdown[name][row[name] or UNKNOWN] = row["number"]
    return total, breakdown


def _named(count: Count, name: str) -> dict[str, int]:
    wanted = count.where.get(name, ())
    return {} if isinstance(wanted, bool) else dict.fromkeys(wanted, 0)
