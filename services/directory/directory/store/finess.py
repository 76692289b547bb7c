"""The records of a FINESS file between reading and merging, and the sites that a whole file does not name."""

import json
from collections.abc import Iterable, Sequence
from uuid import UUID

from directory.domain.structures import Item
from kit.work import Work


async def stage(work: Work, items: Iterable[tuple[int, Item]]) -> None:
    """Adds records by number."""
    await work.copy(
        "finess_staging",
        ["line", "finess", "kind", "facts"],
        ((number, item.finess, item.kind, json.dumps(item.facts)) for number, item in items),
    )


async def clear(work: Work) -> None:
    """Forgets the records of the run before."""
    await work.execute("TRUNCATE finess_staging")


async def staged(work: Work, after: str, sites: int) -> list[tuple[int, Item]]:
    """The records of the next sites by number, each site whole and in the order of the file."""
    rows = await work.fetch(
        "WITH last AS (SELECT max(finess) AS finess FROM "
        "(SELECT DISTINCT finess FROM finess_staging WHERE finess > $1 ORDER BY finess LIMIT $2) s) "
        "SELECT line, finess, kind, facts FROM finess_staging "
        "WHERE finess > $1 AND finess <= (SELECT finess FROM last) ORDER BY finess, line",
        after,
        sites,
    )
    return [(row["line"], Item(row["kind"], row["finess"], json.loads(row["facts"]))) for row in rows]


_MISSING = (
    "FROM structure s WHERE s.listed AND s.source = 'finess' "
    "AND NOT EXISTS (SELECT FROM finess_staging f WHERE f.finess = s.finess AND f.kind = 'site') "
    "AND NOT EXISTS (SELECT FROM import_refusal r WHERE r.import_id = $1 AND r.person = s.finess)"
)


async def count_missing(work: Work, import_id: UUID) -> tuple[int, int]:
    """How many listed sites of FINESS the staged file does not name, and how many are listed."""
    missing: int = await work.fetchval(f"SELECT count(*) {_MISSING}", import_id)
    listed: int = await work.fetchval("SELECT count(*) FROM structure WHERE listed AND source = 'finess'")
    return missing, listed


async def missing(work: Work, import_id: UUID, after: str, limit: int) -> Sequence[str]:
    """The next listed sites of FINESS that the staged file does not name, by number."""
    sql = f"SELECT s.finess {_MISSING} AND s.finess > $2 ORDER BY s.finess LIMIT $3"
    return [row["finess"] for row in await work.fetch(sql, import_id, after, limit)]
