"""Structures: searching, reading, and writing what an import brings."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from directory.domain.names import normalise
from directory.domain.structures import Structure
from directory.store import structures_past
from directory.store.communes import Around
from directory.store.query import Query
from kit.work import Record, Work

_STRUCTURE = (
    "s.finess, s.name, s.search_name, s.sector, s.postal_code, s.commune, s.listed, s.version, s.updated_at, s.source, "
    "s.legal_entity, s.category, s.street, s.city, s.phone, s.siret, s.opened_on, s.closed_on, s.latitude, "
    "s.longitude, s.places, s.capacity, s.gone_at, "
    "c.name AS commune_name, c.department"
)
_COMMUNE = "LEFT JOIN commune c ON c.insee = s.commune"


async def search(
    work: Work,
    *,
    name: str | None,
    category: str | None,
    communes: Sequence[str] | None,
    around: Around | None,
    listed: bool = True,
    until: datetime | None = None,
    after: Sequence[object] | None,
    limit: int,
) -> list[Record]:
    """Structures, the nearest first when there is a point, else by name; as they were before `until` when given.

    `listed`: those that stand, or those that are closed or gone.
    """
    query, conditions = Query(), ["s.listed" if listed else "NOT s.listed"]
    near = f"JOIN ({query.near(*around)}) near ON near.insee = s.commune" if around else ""
    order = ["near.metres"] * (around is not None) + ["s.search_name", "s.finess"]
    places = None
    if communes is not None:
        named = query.bind("?::text[]", list(communes))
        conditions.append(f"s.commune = ANY({named})")
        places = f"SELECT unnest({named})"
    elif around is not None and until is not None:
        places = f"SELECT insee FROM ({query.near(*around)}) n"
    rows = structures_past.source(query, until, places=places)
    if category:
        conditions.append(query.bind("s.category = ?", category))
    if name:
        conditions += query.words("s.search_name", name)
    if after:
        conditions.append(query.bind(f"({', '.join(order)}) > ({', '.join('?' for _ in order)})", *after))
    metres = "near.metres" if around else "NULL::integer"
    return await work.fetch(
        f"SELECT {_STRUCTURE}, {metres} AS metres FROM {rows} s {_COMMUNE} {near} WHERE {' AND '.join(conditions)} "
        + query.bind(f"ORDER BY {', '.join(order)} LIMIT ?", limit),
        *query.args,
    )


async def find(work: Work, finess: str, until: datetime | None = None) -> Record | None:
    """One structure, listed or not; as it was before `until` when given."""
    query = Query()
    rows = structures_past.source(query, until, finess=finess)
    wanted = query.bind("WHERE s.finess = ?", finess)
    return await work.fetchrow(
        f"SELECT {_STRUCTURE}, NULL::integer AS metres FROM {rows} s {_COMMUNE} {wanted}", *query.args
    )


class Stored(NamedTuple):
    """A structure as the directory has it, and the version of that."""

    structure: Structure
    version: int


_FIELDS = [field.name for field in fields(Structure)]


async def known(work: Work, sites: Sequence[str]) -> dict[str, Stored]:
    """Those of these sites which the directory has."""
    rows = await work.fetch(f"SELECT {', '.join(_FIELDS)}, version FROM structure WHERE finess = ANY($1)", list(sites))
    return {row["finess"]: Stored(_structure(row), row["version"]) for row in rows}


def _structure(row: Record) -> Structure:
    days = {name: row[name] and row[name].isoformat() for name in ("opened_on", "closed_on")}
    return Structure(**{name: row[name] for name in _FIELDS} | days)


async def save(work: Work, changed: Sequence[tuple[Structure, int]], import_id: UUID) -> None:
    """Writes these structures with their new versions. What was known goes to `structure_past`."""
    if old := [site.finess for site, version in changed if version > 1]:
        await structures_past.keep(work, old)
    rows = [
        vars(site)
        | {
            "search_name": f" {normalise(site.name)}",
            "digest": rf"\x{site.digest().hex()}",
            "version": version,
            "updated_at": work.now.isoformat(),
            "import_id": str(import_id),
            "gone_at": None if site.listed else work.now.isoformat(),
        }
        for site, version in changed
    ]
    await work.execute(_SAVE, json.dumps(rows))


_WRITTEN = [*_FIELDS, "search_name", "digest", "version", "updated_at", "import_id", "gone_at"]
_SAVE = f"""
INSERT INTO structure AS t ({", ".join(_WRITTEN)})
SELECT {", ".join(_WRITTEN)} FROM jsonb_populate_recordset(NULL::structure, $1::jsonb)
ON CONFLICT (finess) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in _WRITTEN if name not in ("finess", "gone_at"))},
    gone_at = CASE WHEN NOT excluded.listed THEN coalesce(t.gone_at, excluded.gone_at) END
"""
