"""How many persons a search finds, and how many it would find narrowed once more.

Three ways, from the quickest: figures kept of each place, where so many are found that nobody counts them
one by one; the entries of the places; the entries of those found, where more than places is asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from directory.domain.facets import ANYWHERE
from directory.store.search import Statement, Wanted
from kit.work import Work

FACET_CAP = 10_000
"""Persons counted one by one at most: beyond, the total is only a lower bound."""
_MOST = "ORDER BY 3 DESC, 2 LIMIT 50"


@dataclass
class Tally:
    """Persons by facet, that of the search among them, and by commune (the 50 that have most).

    Beyond FACET_CAP a person with two of the places may count twice.
    """

    total: int
    facets: dict[str, int]
    communes: dict[str, int]


async def counts(work: Work, wanted: Wanted, narrower: Sequence[str] | None) -> Tally:
    """Of those found: how many, and how many under each of these facets, or under all."""
    facets = None if narrower is None else [wanted.facet, *narrower]
    if not wanted.plain:
        return await _tally(work, wanted, facets, _of_found)
    kept = await _tally(work, wanted, facets, _kept)
    return kept if kept.total > FACET_CAP else await _tally(work, wanted, facets, _of_entries)


async def recount(work: Work) -> None:
    """Counts the entries of each place anew. Reads them all. System role."""
    await work.execute(_RECOUNT)


_RECOUNT = """
WITH counted AS MATERIALIZED (SELECT place, facet, count(*)::integer AS persons FROM search_entry GROUP BY 1, 2),
gone AS (DELETE FROM facet_count f WHERE NOT EXISTS (
    SELECT FROM counted c WHERE c.place = f.place AND c.facet = f.facet))
INSERT INTO facet_count AS f SELECT * FROM counted
    ON CONFLICT (place, facet) DO UPDATE SET persons = excluded.persons WHERE f.persons <> excluded.persons
"""


_Way = Callable[[Statement, Wanted, Sequence[str] | None], str]


async def _tally(work: Work, wanted: Wanted, facets: Sequence[str] | None, way: _Way) -> Tally:
    statement = Statement(wanted, (work.territory, work.now), None, FACET_CAP + 1, ordered=False)
    rows = await work.fetch(way(statement, wanted, facets), *statement.query.args)
    by_kind: dict[str, dict[str, int]] = {"facet": {}, "commune": {}}
    for kind, code, persons in rows:
        by_kind[kind][code] = persons
    return Tally(by_kind["facet"].get(wanted.facet, 0), by_kind["facet"], by_kind["commune"])


def _kept(statement: Statement, wanted: Wanted, facets: Sequence[str] | None) -> str:
    """From the figures kept of each place."""
    near, bind = statement.near(), statement.query.bind
    kept = f"FROM facet_count f JOIN {statement.places()} ON f.place = n.insee"
    return (
        f"{_with(near)} SELECT 'facet', f.facet, sum(f.persons) {kept} WHERE {_among(bind, 'f', facets)} GROUP BY 2 "
        f"UNION ALL ({_kept_communes(statement, wanted)})"
    )


def _kept_communes(statement: Statement, wanted: Wanted) -> str:
    there = f"f.place IN (SELECT insee FROM {statement.places()})" if wanted.placed else f"f.place <> '{ANYWHERE}'"
    of = statement.query.bind("f.facet = ?", wanted.facet)
    return f"SELECT 'commune', f.place, f.persons FROM facet_count f WHERE {of} AND {there} {_MOST}"


def _of_entries(statement: Statement, wanted: Wanted, facets: Sequence[str] | None) -> str:
    """From the entries of the places, which lie side by side."""
    near, bind = statement.near(), statement.query.bind
    entries = (
        # Compared as bytes: in the order of a language it takes three times as long.
        'SELECT s.place, s.facet COLLATE "C" AS facet, s.rpps COLLATE "C" AS rpps '
        f"FROM {statement.places()} JOIN search_entry s ON s.place = n.insee WHERE {_among(bind, 's', facets)}"
    )
    communes = _communes_of_entries(bind, wanted) if wanted.placed else _kept_communes(statement, wanted)
    return (
        f"{_with([*near, f'entry AS MATERIALIZED ({entries})'])} SELECT 'facet', facet, count(*) "
        f"FROM (SELECT DISTINCT facet, rpps FROM entry) e GROUP BY 2 UNION ALL ({communes})"
    )


def _of_found(statement: Statement, wanted: Wanted, facets: Sequence[str] | None) -> str:
    """From the entries of those found, FACET_CAP + 1 at most."""
    hits, bind = statement.hits(), statement.query.bind
    found = f"found AS MATERIALIZED (SELECT DISTINCT rpps FROM hit LIMIT {FACET_CAP + 1})"
    entries = f"SELECT s.place, s.facet FROM search_entry s WHERE s.rpps = found.rpps AND {_among(bind, 's', facets)}"
    entry = (
        'entry AS MATERIALIZED (SELECT s.place, s.facet COLLATE "C" AS facet, found.rpps COLLATE "C" AS rpps '
        f"FROM found CROSS JOIN LATERAL ({entries} OFFSET 0) s)"
    )
    at = f"place IN (SELECT insee FROM {statement.places()})"
    communes = _communes_of_entries(bind, wanted, at if wanted.placed else f"place <> '{ANYWHERE}'")
    return (
        f"{_with([hits, found, entry])} SELECT 'facet', {bind('?::text', wanted.facet)}, count(*) "
        f"FROM found UNION ALL SELECT 'facet', facet, count(DISTINCT rpps) FROM entry "
        f"WHERE {at} AND {bind('facet <> ?', wanted.facet)} GROUP BY 2 "
        f"UNION ALL ({communes})"
    )


def _communes_of_entries(bind: Callable[..., str], wanted: Wanted, there: str = "true") -> str:
    of = bind("facet = ?", wanted.facet)
    return f"SELECT 'commune', place, count(*) FROM entry WHERE {of} AND {there} GROUP BY 2 {_MOST}"


def _among(bind: Callable[..., str], row: str, facets: Sequence[str] | None) -> str:
    return "true" if facets is None else bind(f"{row}.facet = ANY(?)", facets)


def _with(tables: Sequence[str]) -> str:
    return f"WITH {', '.join(tables)}" if tables else ""
