"""Searching professionals as they were, always among named places: a search of the past reads what it must."""

from collections.abc import Sequence
from datetime import datetime

from directory.domain.facets import facet
from directory.store.past import THEN, standing
from directory.store.professionals import COLUMNS
from directory.store.query import Query
from directory.store.search import Wanted
from kit.history import source
from kit.work import Record, Work


async def search(
    work: Work, wanted: Wanted, until: datetime, after: Sequence[object] | None, limit: int
) -> list[Record]:
    """Who was listed at these places then, the nearest first when there is a point, else by name."""
    query = Query()
    near = _places(query, wanted)
    keyed = query.bind("n.insee || ' ' || ?", facet(wanted.profession, wanted.specialty))
    now = query.bind(
        "SELECT r.*, n.metres FROM near n JOIN search_entry s ON s.place = n.insee AND s.facet = ? "
        "JOIN professional r ON r.rpps = s.rpps WHERE r.updated_at < ?",
        facet(wanted.profession, wanted.specialty),
        until,
    )
    then = (
        f"SELECT r.*, n.metres FROM (SELECT array_agg({keyed}) AS keys FROM near n) k "
        f"JOIN professional_past h ON h.found_under && k.keys JOIN near n ON h.found_under @> ARRAY[{keyed}] "
        f"CROSS JOIN {THEN} "
        f"WHERE {standing(query, until)} AND (h.state ->> 'listed')::boolean"
    )
    # Someone with two of the places counts at the nearer one.
    found = f"SELECT DISTINCT ON (rpps) * FROM ({now} UNION ALL {then}) f ORDER BY rpps, metres"
    order = ["p.metres"] * (wanted.around is not None) + ["p.search_name", "p.rpps"]
    conditions = ["true", *_conditions(query, wanted)]
    conditions += [query.bind(f"({', '.join(order)}) > ({', '.join('?' for _ in order)})", *after)] if after else []
    part = source(query, "participation", work.territory, until)
    joined = query.bind("t.territory = ? AND t.rpps = p.rpps", work.territory)
    return await work.fetch(
        f"WITH near AS MATERIALIZED ({near}) "
        f"SELECT {COLUMNS}, p.search_name, p.metres, coalesce(t.participates, false) AS participates "
        f"FROM ({found}) p LEFT JOIN {part} t ON {joined} WHERE {' AND '.join(conditions)} "
        + query.bind(f"ORDER BY {', '.join(order)} LIMIT ?", limit),
        *query.args,
    )


def _places(query: Query, wanted: Wanted) -> str:
    """The communes asked for, with their distance when there is a point: (insee, metres)."""
    named = None
    if wanted.communes is not None:
        named = query.bind("SELECT unnest(?::text[]) AS insee", list(wanted.communes))
    if wanted.around is None:
        return f"SELECT insee, NULL::integer AS metres FROM ({named}) c"
    around = query.near(*wanted.around)
    return around if named is None else f"SELECT * FROM ({around}) a JOIN ({named}) c USING (insee)"


def _conditions(query: Query, wanted: Wanted) -> list[str]:
    found = list(query.words("p.search_name", wanted.name)) if wanted.name else []
    if wanted.profession and wanted.specialty:
        found.append(query.bind("p.professions @> ARRAY[?]::text[]", wanted.profession))
    if wanted.snp is not None:
        found.append(f"coalesce(t.participates, false) = {'true' if wanted.snp else 'false'}")
    return found
