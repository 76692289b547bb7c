"""Counts for figures, computed when asked for."""

from collections.abc import Sequence

from indicators.domain.catalogue import Count
from indicators.domain.periods import Period
from indicators.store.language import Rows, entries_of, rows_of
from indicators.store.month_sums import SUMMED
from indicators.store.places import PLACES
from kit.work import Record, Work

UNKNOWN = "unknown"
"""Code of the part whose field is not known."""
Tallied = tuple[int, dict[str, dict[str, int]]]
"""How many, and the same by each field of the breakdown."""

_GAPS = """
SELECT EXISTS (SELECT FROM slot_fact
               WHERE territory = $1 AND NOT published AND booked AND starts_at >= $2 AND starts_at < $3) AS slots,
       EXISTS (SELECT FROM call_fact
               WHERE territory = $1 AND NOT standing AND booked AND received_at >= $2 AND received_at < $3) AS calls
"""


async def tally(work: Work, count: Count, period: Period) -> Tallied:
    """How many, and the same by each field of the breakdown, in one snapshot.

    Codes that the definition names are always in the breakdown, with 0 when there are none.
    """
    (found,) = await tallies(work, [count], period)
    return found


async def tallies(work: Work, counts: Sequence[Count], period: Period) -> list[Tallied]:
    """Each of them, in their order. Those of a source that has sums of months come from one pass over it."""
    found: dict[int, Tallied] = {}
    for source in dict.fromkeys(count.of for count in counts):
        places = [place for place, count in enumerate(counts) if count.of == source]
        for group in [places] if source in SUMMED else [[place] for place in places]:
            told = await _counted(work, [counts[place] for place in group], period)
            found.update(zip(group, told, strict=True))
    return [found[place] for place in range(len(counts))]


async def gaps(work: Work, period: Period) -> dict[str, bool]:
    """By source of visits: whether a booking of the period waits for its slot's publication, or for its call."""
    (row,) = await work.fetch(_GAPS, work.territory, period.start, period.end)
    return {name: bool(row[name]) for name, place in PLACES.items() if place.visits}


async def _counted(work: Work, counts: Sequence[Count], period: Period) -> list[Tallied]:
    """Counts of one source in one statement."""
    if counts[0].of in SUMMED:
        head, found = entries_of(counts, work.territory, period)
    else:
        head, found = "", [rows_of(count, work.territory, period) for count in counts]
    parts = [_statement(place, count, rows) for place, (count, rows) in enumerate(zip(counts, found, strict=True))]
    told = await work.fetch(head + " UNION ALL ".join(parts), *found[0].args)
    return [_read(count, [row for row in told if row["place"] == place]) for place, count in enumerate(counts)]


def _statement(place: int, count: Count, rows: Rows) -> str:
    """Rows of `place`, the `field` and `code` of a part (null for the whole) and the `number`."""
    if rows.weight:
        counted = f"SELECT {', '.join((f'{rows.weight} AS weight', *count.by))}"
        number = "coalesce(sum(weight), 0)::bigint"
    elif rows.distinct:
        counted = f"SELECT DISTINCT {', '.join((f'{rows.unit} AS unit', *count.by))}"
        number = "count(DISTINCT unit)" if count.by else "count(*)"
    else:
        counted, number = f"SELECT {', '.join(count.by) or '1'}", "count(*)"
    field, code, grouped = "NULL", "NULL::text", ""
    if count.by:
        field = " ".join(("CASE", *(f"WHEN GROUPING({name}) = 0 THEN '{name}'" for name in count.by), "END"))
        code = " ".join(("CASE", *(f"WHEN GROUPING({name}) = 0 THEN {name}::text" for name in count.by), "END"))
        grouped = f" GROUP BY GROUPING SETS ({', '.join(('()', *(f'({name})' for name in count.by)))})"
    return (
        f"SELECT {place} AS place, {field}::text AS field, {code} AS code, {number} AS number "
        f"FROM ({counted} {rows.sql}) AS counted{grouped}"
    )


def _read(count: Count, rows: list[Record]) -> Tallied:
    total, breakdown = 0, {name: _named(count, name) for name in count.by}
    for row in rows:
        if row["field"] is None:
            total = row["number"]
        else:
            breakdown[row["field"]][row["code"] or UNKNOWN] = row["number"]
    return total, breakdown


def _named(count: Count, name: str) -> dict[str, int]:
    wanted = count.where.get(name, ())
    return {} if isinstance(wanted, bool) else dict.fromkeys(wanted, 0)
