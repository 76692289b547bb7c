"""Structures: searching, reading, and writing what an import brings."""

import json
from collections.abc import Sequence

from directory.domain.names import normalise
from directory.domain.structures import Structure
from directory.store.communes import Around
from directory.store.professionals import Known
from directory.store.query import Query
from kit.work import Record, Work

_STRUCTURE = (
    "s.finess, s.name, s.search_name, s.sector, s.postal_code, s.commune, s.listed, s.version, s.updated_at, "
    "c.name AS commune_name, c.department"
)
_FROM = "FROM structure s LEFT JOIN commune c ON c.insee = s.commune"


async def search(
    work: Work,
    *,
    name: str | None,
    communes: Sequence[str] | None,
    around: Around | None,
    after: Sequence[object] | None,
    limit: int,
) -> list[Record]:
    """Listed structures, the nearest first when there is a point, else by name."""
    query, conditions = Query(), ["s.listed"]
    near = f"JOIN ({query.near(*around)}) near ON near.insee = s.commune" if around else ""
    order = ["near.metres"] * (around is not None) + ["s.search_name", "s.finess"]
    if communes is not None:
        conditions.append(query.bind("s.commune = ANY(?)", list(communes)))
    if name:
        conditions += query.words("s.search_name", name)
    if after:
        conditions.append(query.bind(f"({', '.join(order)}) > ({', '.join('?' for _ in order)})", *after))
    metres = "near.metres" if around else "NULL::integer"
    return await work.fetch(
        f"SELECT {_STRUCTURE}, {metres} AS metres {_FROM} {near} WHERE {' AND '.join(conditions)} "
        + query.bind(f"ORDER BY {', '.join(order)} LIMIT ?", limit),
        *query.args,
    )


async def find(work: Work, finess: str) -> Record | None:
    """One structure, listed or not."""
    return await work.fetchrow(f"SELECT {_STRUCTURE}, NULL::integer AS metres {_FROM} WHERE s.finess = $1", finess)


async def known(work: Work, sites: Sequence[str]) -> dict[str, Known]:
    """Those of these sites which the directory has."""
    rows = await work.fetch("SELECT finess, digest, version, listed FROM structure WHERE finess = ANY($1)", list(sites))
    return {row["finess"]: Known(row["digest"], row["version"], row["listed"]) for row in rows}


async def save(work: Work, changed: Sequence[tuple[Structure, int]]) -> None:
    """Writes these structures with their new versions."""
    rows = [
        vars(site)
        | {
            "search_name": f" {normalise(site.name)}",
            "listed": True,
            "digest": rf"\x{site.digest().hex()}",
            "version": version,
            "updated_at": work.now.isoformat(),
        }
        for site, version in changed
    ]
    await work.execute(_SAVE, json.dumps(rows))


_SAVE = """
INSERT INTO structure SELECT * FROM jsonb_populate_recordset(NULL::structure, $1::jsonb)
ON CONFLICT (finess) DO UPDATE SET
    name = excluded.name, search_name = excluded.search_name, sector = excluded.sector,
    postal_code = excluded.postal_code, commune = excluded.commune,
    listed = excluded.listed, digest = excluded.digest, version = excluded.version, updated_at = excluded.updated_at
"""
