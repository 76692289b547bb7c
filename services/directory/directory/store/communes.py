"""Communes: loading the reference file, finding one, searching."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from directory.store.query import Query
from kit.work import Record, Work

_COLUMNS = [
    "insee",
    "name",
    "search_name",
    "department",
    "region",
    "postal_codes",
    "population",
    "latitude",
    "longitude",
]


class CommuneRecord(NamedTuple):
    """A row of the table `commune`, in the order of its columns."""

    insee: str
    name: str
    search_name: str
    department: str
    region: str
    postal_codes: list[str]
    population: int
    latitude: float
    longitude: float


async def stamp(work: Work, name: str) -> str | None:
    """Digest of what was last loaded under this name. Other processes wait until this transaction ends."""
    await work.execute("LOCK TABLE reference_stamp IN SHARE ROW EXCLUSIVE MODE")
    digest: str | None = await work.fetchval("SELECT digest FROM reference_stamp WHERE name = $1", name)
    return digest


async def replace(
    work: Work, communes: Iterable[CommuneRecord], aliases: Iterable[tuple[str, str, str]], name: str, digest: str
) -> None:
    """Puts new reference rows in the place of the old ones. An alias is (old code, old name, commune of today)."""
    await work.execute("DELETE FROM commune")
    await work.execute("DELETE FROM commune_alias")
    await work.copy("commune", _COLUMNS, communes)
    await work.copy("commune_alias", ["old_code", "old_name", "insee"], aliases)
    await work.execute(
        "INSERT INTO reference_stamp (name, digest, loaded_at) VALUES ($1, $2, $3) "
        "ON CONFLICT (name) DO UPDATE SET digest = excluded.digest, loaded_at = excluded.loaded_at",
        name,
        digest,
        work.now,
    )


async def names(work: Work) -> list[Record]:
    """Every name under which a commune is met: (insee, name, postal_codes)."""
    return await work.fetch(
        "SELECT insee, name, postal_codes FROM commune UNION ALL "
        "SELECT insee, old_name, postal_codes FROM commune_alias JOIN commune USING (insee) WHERE old_name <> ''"
    )


async def successors(work: Work) -> dict[str, str]:
    """Old code -> code of today."""
    rows = await work.fetch("SELECT old_code, insee FROM commune_alias WHERE old_code <> insee")
    return {row["old_code"]: row["insee"] for row in rows}


async def find(work: Work, code: str) -> Record | None:
    """The commune of today behind a code, be it an old one or an arrondissement's."""
    return await work.fetchrow(
        f"SELECT {', '.join(_COLUMNS)} FROM commune "
        "WHERE insee = $1 OR insee = (SELECT insee FROM commune_alias WHERE old_code = $1) "
        "ORDER BY insee <> $1 LIMIT 1",
        code,
    )


async def several(work: Work, codes: Sequence[str]) -> list[Record]:
    """These communes, in order of name."""
    return await work.fetch(
        f"SELECT {', '.join(_COLUMNS)} FROM commune WHERE insee = ANY($1) ORDER BY search_name, insee", list(codes)
    )


class Around(NamedTuple):
    """A point and a radius in kilometres."""

    latitude: float
    longitude: float
    radius_km: float


async def search(
    work: Work,
    *,
    name: str | None,
    postal_code: str | None,
    around: Around | None,
    after: Sequence[object] | None,
    limit: int,
) -> list[Record]:
    """Communes that match, the nearest first when there is a point, else the most populous first."""
    query, conditions = Query(), ["true"]
    rank = "metres" if around else "-population"
    source = "commune" + (f" JOIN ({query.near(*around)}) near USING (insee)" if around else "")
    if name:
        conditions += query.words("search_name", name)
    if postal_code:
        conditions.append(query.bind("postal_codes @> ARRAY[?]::text[]", postal_code))
    if after:
        conditions.append(query.bind(f"({rank}, insee) > (?, ?)", *after))
    metres = "metres" if around else "NULL::integer"
    return await work.fetch(
        f"SELECT {', '.join(_COLUMNS)}, {metres} AS metres, {rank} AS rank FROM {source} "
        f"WHERE {' AND '.join(conditions)} " + query.bind(f"ORDER BY {rank}, insee LIMIT ?", limit),
        *query.args,
    )
