"""Sums of months (*sommes mensuelles*): what stands of a source in one whole month of a territory, put together.

An entry for each combination of the columns that the source's words are made of, with how many rows have it: filters,
breakdowns and distinct units come out of entries as they do out of rows. A sum is never wrong: a statement that changes
rows of a month removes its sum (`forgetting`), under the lock that keeps others from making one meanwhile
(`projections.lock_territories`). What has no sum is counted over the rows. Why: docs/adr/0056.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from indicators.domain.months import Stretch
from indicators.domain.sources import SOURCES
from indicators.store.places import PLACES, Place
from kit.work import Work

NUMBER = "number"
"""The column that says how many rows an entry stands for."""
SUMMED = {name: place for name, place in PLACES.items() if place.sums}
TOLD = {name: SOURCES[name].fed_by for name, place in SUMMED.items() if not place.visits}
"""Sources that are read from facts as these were told, and the kinds of these facts."""

# Territories one after the other by index; a month is looked at until it has as many rows as are asked for.
_WANT = """
WITH RECURSIVE known (territory) AS (
    (SELECT territory FROM fact ORDER BY territory LIMIT 1)
    UNION ALL
    SELECT (SELECT fact.territory FROM fact WHERE fact.territory > known.territory ORDER BY territory LIMIT 1)
    FROM known WHERE known.territory IS NOT NULL
)
INSERT INTO month_sum (territory, source, since, until, shape)
SELECT known.territory, '{source}', month.since, month.until, '{shape}'
FROM known CROSS JOIN unnest($1::timestamptz[], $2::timestamptz[]) AS month (since, until)
WHERE NOT EXISTS (SELECT FROM month_sum AS kept WHERE kept.territory = known.territory AND kept.source = '{source}'
                  AND kept.since = month.since AND kept.shape = '{shape}')
  AND EXISTS (SELECT FROM {table} WHERE territory = known.territory AND standing
              AND {at} >= month.since AND {at} < month.until OFFSET $3 - 1)
ORDER BY known.territory, month.since
ON CONFLICT (territory, source, since) DO UPDATE
SET until = excluded.until, shape = excluded.shape, entries = NULL WHERE month_sum.shape <> excluded.shape
"""
_NEXT = """
SELECT territory, source, since, until FROM month_sum WHERE entries IS NULL ORDER BY territory, source, since LIMIT 1
"""
_MAKE = """
UPDATE month_sum SET shape = $5, entries = (SELECT coalesce(jsonb_agg(to_jsonb(entry)), '[]') FROM ({select}) AS entry)
WHERE territory = $1 AND source = $4 AND since = $2 AND until = $3 AND entries IS NULL
"""
# No month has more than 31 days and an hour: of the sums that began before a moment, the last two are looked at.
# A moment at a time, by index, and in order, so that two who remove several never wait in a circle.
_FORGETTING = """
{source}_doomed AS MATERIALIZED (
    SELECT kept.place
    FROM (SELECT territory, at FROM {moments} ORDER BY territory, at) AS moment CROSS JOIN LATERAL (
        SELECT ctid AS place FROM month_sum
        WHERE territory = moment.territory AND source = '{source}' AND until > moment.at
          AND since > moment.at - interval '32 days' AND since <= moment.at FOR UPDATE
    ) AS kept
), {source}_forgotten AS (
    DELETE FROM month_sum WHERE ctid = ANY (ARRAY(SELECT place FROM {source}_doomed))
)"""


@dataclass(frozen=True)
class Wanted:
    """A month of a source in a territory that waits for its sum."""

    territory: str
    source: str
    since: datetime
    until: datetime


def entries(source: str, columns: Sequence[str]) -> str:
    """Begins a statement that counts from `entry`: what stands in the period (`$2`, `$3`), by these columns.

    Each stretch of it (`$4`, `$5`) is read from its sum. Those without one, put together where they follow each other,
    are read from the rows: each row once, for `OFFSET` keeps the join inside the scan of the index. The whole period is
    named beside them so that the planner leaves out partitions.
    """
    place, types = SUMMED[source], _types(SUMMED[source])
    kept = [*columns, NUMBER, *_added(place)]
    typed = ", ".join(f"{name} {types[name]}" for name in kept)
    read = ", ".join((*columns, *_added(place))) or "1"
    return f"""
    WITH stretch AS MATERIALIZED (
        SELECT told.since, told.until, kept.entries
        FROM unnest($4::timestamptz[], $5::timestamptz[]) AS told (since, until) LEFT JOIN month_sum AS kept
          ON kept.territory = $1 AND kept.source = '{source}' AND kept.since = told.since AND kept.until = told.until
         AND kept.shape = '{_shape(source)}'
    ), unsummed AS MATERIALIZED (
        SELECT min(since) AS since, max(until) AS until
        FROM (SELECT *, count(entries) OVER (ORDER BY since) AS sums_before FROM stretch) AS numbered
        WHERE entries IS NULL GROUP BY sums_before
    ), entry AS MATERIALIZED (
        SELECT {", ".join(kept)} FROM stretch CROSS JOIN LATERAL jsonb_to_recordset(entries) AS told ({typed})
        WHERE entries IS NOT NULL
        UNION ALL
        SELECT {_grouped(place, columns)} FROM unsummed CROSS JOIN LATERAL (
            SELECT {read} FROM {place.table} WHERE territory = $1 AND standing
            AND {place.at} >= since AND {place.at} < until AND {place.at} >= $2 AND {place.at} < $3 OFFSET 0
        ) AS found GROUP BY {", ".join(columns) or "()"}
    ) """


def forgetting(source: str, moments: str) -> str:
    """CTEs that remove the sums of the months in which the `moments` (a CTE of territory and `at`) lie."""
    return _FORGETTING.format(source=source, moments=moments)


async def want(work: Work, months: Sequence[Stretch], least: int) -> int:
    """Notes which of these months lack a sum and have at least so many rows; answers how many. The system role."""
    since, until = (list(column) for column in zip(*months, strict=True))
    found = 0
    for source, place in SUMMED.items():
        sql = _WANT.format(source=source, shape=_shape(source), table=place.table, at=place.at)
        found += int((await work.execute(sql, since, until, least)).split()[-1])
    return found


async def next_wanted(work: Work) -> Wanted | None:
    """The first month that waits for its sum, or None. It is not locked: who removes it must not wait for its maker."""
    row = await work.fetchrow(_NEXT)
    return Wanted(**row) if row else None


async def make(work: Work, wanted: Wanted) -> None:
    """Makes the sum if it is still wanted. The caller holds the territory alone (`projections.lock_all`)."""
    args = (wanted.territory, wanted.since, wanted.until, wanted.source, _shape(wanted.source))
    await work.execute(_MAKE.format(select=_select(wanted.source)), *args)


async def drop(work: Work, territory: str) -> None:
    """Removes all sums of the territory."""
    await work.execute("DELETE FROM month_sum WHERE territory = $1", territory)


def _types(place: Place) -> dict[str, str]:
    return {**place.sums, **dict.fromkeys((NUMBER, *_added(place)), "bigint")}


def _added(place: Place) -> list[str]:
    """Columns that are added up: what rows weigh."""
    return sorted(set(place.weights.values()))


def _grouped(place: Place, columns: Sequence[str]) -> str:
    added = (f"sum({name})::bigint AS {name}" for name in _added(place))
    return ", ".join((*columns, f"count(*) AS {NUMBER}", *added))


def _select(source: str) -> str:
    """The entries of `$1` from `$2` until `$3`."""
    place = SUMMED[source]
    return (
        f"SELECT {_grouped(place, list(place.sums))} FROM {place.table} "
        f"WHERE territory = $1 AND standing AND {place.at} >= $2 AND {place.at} < $3 GROUP BY {', '.join(place.sums)}"
    )


def _shape(source: str) -> str:
    """Another one for each SELECT: what an entry says follows from it."""
    return sha256(_select(source).encode()).hexdigest()[:16]
