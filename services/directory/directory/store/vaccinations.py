"""Vaccinated people and population by age band: stored as imported, read as coverage."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, TypeAlias
from uuid import UUID

from directory.domain.vaccination_file import Line
from directory.store.query import Query
from kit.history import source
from kit.work import Record, Work

By: TypeAlias = Literal["age_band", "place", "week"]

_VACCINATED = """
INSERT INTO vaccinated_count AS c (territory, campaign, place, age_band, week, count, import_id, version, changed_at,
                                   changed_by)
SELECT $1, $2, place, age_band, week, count, $3, 1, $4, $5
  FROM unnest($6::text[], $7::text[], $8::date[], $9::integer[]) AS told (place, age_band, week, count)
ON CONFLICT (territory, campaign, place, age_band, week) DO UPDATE
   SET count = excluded.count, import_id = excluded.import_id, version = c.version + 1,
       changed_at = excluded.changed_at, changed_by = excluded.changed_by
 WHERE c.count IS DISTINCT FROM excluded.count
"""
_POPULATION = """
INSERT INTO population_count AS c (territory, place, age_band, count, import_id, version, changed_at, changed_by)
SELECT $1, place, age_band, count, $2, 1, $3, $4
  FROM unnest($5::text[], $6::text[], $7::integer[]) AS told (place, age_band, count)
ON CONFLICT (territory, place, age_band) DO UPDATE
   SET count = excluded.count, import_id = excluded.import_id, version = c.version + 1,
       changed_at = excluded.changed_at, changed_by = excluded.changed_by
 WHERE c.count IS DISTINCT FROM excluded.count
"""


async def lock(work: Work) -> None:
    """One import of a territory at a time, so that what is told counts up."""
    await work.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{work.territory}:vaccination")


async def compare(work: Work, campaign: str | None, lines: Sequence[Line]) -> Record:
    """How many of these lines are new (`added`), and how many say otherwise than what is kept (`changed`)."""
    told = "unnest($2::text[], $3::text[], $4::date[], $5::integer[]) AS told (place, age_band, week, count)"
    kept = "population_count c ON c.territory = $1"
    if campaign is not None:
        kept = "vaccinated_count c ON c.territory = $1 AND c.campaign = $6 AND c.week = told.week"
    (row,) = await work.fetch(
        "SELECT count(*) FILTER (WHERE c.place IS NULL) AS added, count(*) FILTER (WHERE c.place IS NOT NULL "
        f"AND c.count IS DISTINCT FROM told.count) AS changed FROM {told} LEFT JOIN {kept} "
        "AND c.place = told.place AND c.age_band = told.age_band",
        work.territory,
        *_columns(lines, "place", "age_band", "week", "count"),
        *([campaign] if campaign is not None else []),
    )
    return row


async def keep(work: Work, campaign: str | None, lines: Sequence[Line], import_id: UUID, by: str) -> None:
    """Stores what is new or differs: vaccinated people of a campaign, or population."""
    if campaign is not None:
        columns = _columns(lines, "place", "age_band", "week", "count")
        await work.execute(_VACCINATED, work.territory, campaign, import_id, work.now, by, *columns)
    else:
        columns = _columns(lines, "place", "age_band", "count")
        await work.execute(_POPULATION, work.territory, import_id, work.now, by, *columns)


async def of_communes(work: Work, campaign: str) -> bool | None:
    """Whether what is kept of a campaign is by commune; None when nothing is."""
    found: bool | None = await work.fetchval(
        "SELECT place <> '' FROM vaccinated_count WHERE territory = $1 AND campaign = $2 LIMIT 1",
        work.territory,
        campaign,
    )
    return found


async def campaigns(work: Work, after: str | None, limit: int) -> list[Record]:
    """Campaigns of the territory, with their first and last week."""
    return await work.fetch(
        "SELECT campaign, min(week) AS first_week, max(week) AS last_week, count(*) AS cells, "
        "count(*) FILTER (WHERE count IS NULL) AS masked_cells, max(changed_at) AS changed_at FROM vaccinated_count "
        "WHERE territory = $1 AND ($2::text IS NULL OR campaign > $2) GROUP BY campaign ORDER BY campaign LIMIT $3",
        work.territory,
        after,
        limit,
    )


async def told_version(work: Work, campaign: str) -> int:
    """How many imports bear on a campaign: its own, and those of population."""
    found: int = await work.fetchval(
        "SELECT count(*) FROM vaccination_import WHERE territory = $1 AND (campaign = $2 OR kind = 'population')",
        work.territory,
        campaign,
    )
    return found


async def coverage(
    work: Work,
    campaign: str,
    by: By,
    *,
    weeks: tuple[date | None, date | None] = (None, None),
    until: datetime | None = None,
) -> list[Record]:
    """`code, vaccinated, masked_cells, population` of a campaign, by age band, place or week.

    `vaccinated` sums what the source tells: with masked cells it is a lower bound. `population` is that of the same
    bands and place; null when it is not known, or masked in part, and by week.
    """
    query = Query()
    counts = source(query, "vaccinated_count", work.territory, until)
    people = source(query, "population_count", work.territory, until)
    conditions = [query.bind("territory = ? AND campaign = ?", work.territory, campaign)]
    conditions += [query.bind("week >= ?", weeks[0])] if weeks[0] else []
    conditions += [query.bind("week <= ?", weeks[1])] if weeks[1] else []
    here = query.bind("territory = ?", work.territory)
    return await work.fetch(
        f"WITH c AS (SELECT * FROM {counts} v WHERE {' AND '.join(conditions)}), p AS (SELECT * FROM {people} q "
        f"WHERE {here}) SELECT c.{by}::text AS code, coalesce(sum(c.count), 0)::bigint AS vaccinated, "
        f"count(*) FILTER (WHERE c.count IS NULL) AS masked_cells, {_PEOPLE[by]} AS population "
        f"FROM c GROUP BY c.{by} ORDER BY c.{by}",
        *query.args,
    )


_KNOWN = "CASE WHEN bool_and(p.count IS NOT NULL) THEN sum(p.count)::bigint END FROM p"
# Of an age band: the line of the whole territory where there is one, else its communes together.
_PEOPLE: dict[By, str] = {
    "age_band": f"(SELECT {_KNOWN} WHERE p.age_band = c.age_band AND (p.place = '') = "
    "EXISTS (SELECT FROM p w WHERE w.place = '' AND w.age_band = c.age_band))",
    "place": f"(SELECT {_KNOWN} WHERE p.place = c.place AND p.age_band = ANY (array_agg(DISTINCT c.age_band)))",
    "week": "NULL::bigint",
}


def _columns(lines: Sequence[Line], *names: str) -> list[list[object]]:
    return [[getattr(line, name) for line in lines] for name in names]
