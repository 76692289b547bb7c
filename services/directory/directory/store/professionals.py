"""Professionals and their activities: searching, reading, and writing what an import brings."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple

from directory.domain.professionals import Professional
from directory.store.communes import Around
from directory.store.query import Query
from kit.work import Record, Work

_PROFESSIONAL = (
    "p.rpps, p.title, p.name, p.family_name, p.given_name, p.profession, p.professions, p.skills, p.specialties, "
    "p.listed, p.version, p.updated_at"
)
_PARTICIPATION = "LEFT JOIN participation t ON t.territory = ? AND t.rpps = p.rpps"


@dataclass(frozen=True)
class Wanted:
    """Filters of a search; None asks nothing. `communes` narrows to places, `around` also ranks them.

    `name` is normalised. `similar` takes names that only look like it (trigrams).
    """

    profession: str | None = None
    specialty: str | None = None
    communes: Sequence[str] | None = None
    around: Around | None = None
    name: str | None = None
    similar: bool = False
    snp: bool | None = None

    @property
    def placed(self) -> bool:
        return self.communes is not None or self.around is not None


async def search(work: Work, wanted: Wanted, after: Sequence[object] | None, limit: int) -> list[Record]:
    """Listed professionals, the nearest first when there is a point, else by name. `metres` is their nearest place."""
    query = Query()
    placed = f"JOIN ({_placed(query, wanted)}) placed USING (rpps)" if wanted.placed else ""
    participation = query.bind(_PARTICIPATION, work.territory)
    conditions = ["p.listed", *_conditions(query, wanted)]
    order = ["placed.metres"] * (wanted.around is not None) + ["p.search_name", "p.rpps"]
    if after:
        marks = ", ".join("?" for _ in order)
        conditions.append(query.bind(f"({', '.join(order)}) > ({marks})", *after))
    metres = "placed.metres" if wanted.around else "NULL::integer"
    return await work.fetch(
        f"SELECT {_PROFESSIONAL}, p.search_name, {metres} AS metres, coalesce(t.participates, false) AS participates "
        f"FROM professional p {placed} {participation} WHERE {' AND '.join(conditions)} "
        + query.bind(f"ORDER BY {', '.join(order)} LIMIT ?", limit),
        *query.args,
    )


def _placed(query: Query, wanted: Wanted) -> str:
    """Who practises at the places asked for, in the profession asked for there."""
    conditions = ["true"]
    near = f"JOIN ({query.near(*wanted.around)}) near ON near.insee = a.commune" if wanted.around else ""
    if wanted.communes is not None:
        conditions.append(query.bind("a.commune = ANY(?)", list(wanted.communes)))
    if wanted.profession:
        conditions.append(query.bind("a.profession = ?", wanted.profession))
    metres = "min(near.metres)" if wanted.around else "NULL::integer"
    return f"SELECT a.rpps, {metres} AS metres FROM activity a {near} WHERE {' AND '.join(conditions)} GROUP BY a.rpps"


def _conditions(query: Query, wanted: Wanted) -> list[str]:
    conditions = []
    if wanted.profession and not wanted.placed:
        conditions.append(query.bind("p.professions @> ARRAY[?]::text[]", wanted.profession))
    if wanted.specialty:
        conditions.append(query.bind("p.specialties @> ARRAY[?]::text[]", wanted.specialty))
    if wanted.name and wanted.similar:
        conditions.append(query.bind("? <% p.search_name", wanted.name))
    elif wanted.name:
        conditions += query.words("p.search_name", wanted.name)
    if wanted.snp is not None:
        conditions.append(query.bind("coalesce(t.participates, false) = ?", wanted.snp))
    return conditions


async def find(work: Work, rpps: str) -> Record | None:
    """One professional, listed or not, with its participation on the territory of the transaction."""
    query = Query()
    participation = query.bind(_PARTICIPATION, work.territory)
    return await work.fetchrow(
        f"SELECT {_PROFESSIONAL}, NULL::integer AS metres, coalesce(t.participates, false) AS participates "
        f"FROM professional p {participation} " + query.bind("WHERE p.rpps = ?", rpps),
        *query.args,
    )


async def activities(work: Work, persons: Sequence[str]) -> list[Record]:
    """Where these persons practise, in the order of the source, with the name of the commune."""
    return await work.fetch(
        "SELECT a.*, c.name AS commune_name, c.department FROM activity a LEFT JOIN commune c ON c.insee = a.commune "
        "WHERE a.rpps = ANY($1) ORDER BY a.rpps, a.position",
        list(persons),
    )


class Known(NamedTuple):
    """What tells whether a row changes."""

    digest: bytes
    version: int
    listed: bool


async def known(work: Work, persons: Sequence[str]) -> dict[str, Known]:
    """Those of these persons whom the directory has."""
    rows = await work.fetch(
        "SELECT rpps, digest, version, listed FROM professional WHERE rpps = ANY($1)", list(persons)
    )
    return {row["rpps"]: Known(row["digest"], row["version"], row["listed"]) for row in rows}


async def save(work: Work, changed: Sequence[tuple[Professional, int]]) -> None:
    """Writes these persons with their new versions, in place of what was known of them."""
    persons = [_row(person, version, work.now) for person, version in changed]
    await work.execute(_SAVE, json.dumps(persons))
    await work.execute("DELETE FROM activity WHERE rpps = ANY($1)", [person.rpps for person, _ in changed])
    places = [
        {"rpps": person.rpps, "position": position, **asdict(activity)}
        for person, _ in changed
        for position, activity in enumerate(person.activities)
    ]
    await work.execute(
        "INSERT INTO activity SELECT * FROM jsonb_populate_recordset(NULL::activity, $1::jsonb)", json.dumps(places)
    )


_SAVE = """
INSERT INTO professional SELECT * FROM jsonb_populate_recordset(NULL::professional, $1::jsonb)
ON CONFLICT (rpps) DO UPDATE SET
    title = excluded.title, family_name = excluded.family_name, given_name = excluded.given_name,
    name = excluded.name, search_name = excluded.search_name, profession = excluded.profession,
    professions = excluded.professions, skills = excluded.skills, specialties = excluded.specialties,
    listed = excluded.listed, digest = excluded.digest, version = excluded.version, updated_at = excluded.updated_at
"""


def _row(person: Professional, version: int, now: datetime) -> dict[str, object]:
    row = asdict(person)
    del row["activities"]
    return row | {
        "name": person.name,
        "search_name": person.search_name,
        "listed": True,
        "digest": rf"\x{person.digest().hex()}",
        "version": version,
        "updated_at": now.isoformat(),
    }
