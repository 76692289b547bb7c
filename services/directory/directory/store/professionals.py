"""Professionals and their activities: reading, and writing what an import brings."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from directory.domain.professionals import Professional
from directory.store import name_words, past
from directory.store.history import source
from directory.store.query import Query
from kit.work import Record, Work

COLUMNS = (
    "p.rpps, p.title, p.name, p.family_name, p.given_name, p.profession, p.professions, p.skills, p.specialties, "
    "p.listed, p.version, p.updated_at, p.first_seen_at, p.gone_at"
)
"""What an answer shows of a professional `p`."""

PARTICIPATION = "LEFT JOIN participation t ON t.territory = ? AND t.rpps = p.rpps"
"""The choice `t` of a professional on one territory."""


async def find(work: Work, rpps: str, until: datetime | None = None) -> Record | None:
    """One professional, listed or not, with its participation on the territory of the transaction.

    As it was before `until` when given.
    """
    query = Query()
    person = "professional" if until is None else past.person_source(query, rpps, until)
    taken = source(query, "participation", work.territory, until)
    participation = query.bind(f"LEFT JOIN {taken} t ON t.territory = ? AND t.rpps = p.rpps", work.territory)
    return await work.fetchrow(
        f"SELECT {COLUMNS}, NULL::integer AS metres, coalesce(t.participates, false) AS participates "
        f"FROM {person} p {participation} " + query.bind("WHERE p.rpps = ?", rpps),
        *query.args,
    )


async def activities(work: Work, persons: Sequence[str], until: datetime | None = None) -> list[Record]:
    """Where these persons practise, in the order of the source, with the name of the commune."""
    if until is not None:
        return await past.activities(work, persons, until)
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


class Changed(NamedTuple):
    """A person as it is now, the version of that, and the pairs (place, facet) under which it is found."""

    person: Professional
    digest: bytes
    version: int
    entries: Sequence[tuple[str, str]]


async def known(work: Work, persons: Sequence[str]) -> dict[str, Known]:
    """Those of these persons whom the directory has."""
    rows = await work.fetch(
        "SELECT rpps, digest, version, listed FROM professional WHERE rpps = ANY($1)", list(persons)
    )
    return {row["rpps"]: Known(row["digest"], row["version"], row["listed"]) for row in rows}


async def save(work: Work, changed: Sequence[Changed], import_id: UUID) -> None:
    """Writes these persons in place of what was known of them: the row, the activities, what they are found under.

    What was known goes to `professional_past`.
    """
    if old := [change.person.rpps for change in changed if change.version > 1]:
        await past.keep(work, old)
        await work.execute("DELETE FROM activity WHERE rpps = ANY($1)", old)
        await work.execute("DELETE FROM search_entry WHERE rpps = ANY($1)", old)
    await work.execute(_SAVE, json.dumps([_row(change, work.now, import_id) for change in changed]))
    places = [
        {"rpps": change.person.rpps, "position": position, **vars(activity)}
        for change in changed
        for position, activity in enumerate(change.person.activities)
    ]
    await work.execute(_SAVE_ACTIVITIES, json.dumps(places))
    await name_words.add(work, [change.person.rpps for change in changed])
    await work.copy(
        "search_entry",
        ["place", "facet", "search_name", "rpps"],
        [entry for change in changed for entry in _entries(change)],
    )


_WRITTEN = (
    "rpps, title, family_name, given_name, name, search_name, profession, professions, skills, specialties, "
    "listed, digest, version, updated_at, import_id, first_seen_at"
)
_SAVE = f"""
INSERT INTO professional ({_WRITTEN})
SELECT {_WRITTEN} FROM jsonb_populate_recordset(NULL::professional, $1::jsonb)
ON CONFLICT (rpps) DO UPDATE SET
    title = excluded.title, family_name = excluded.family_name, given_name = excluded.given_name,
    name = excluded.name, search_name = excluded.search_name, profession = excluded.profession,
    professions = excluded.professions, skills = excluded.skills, specialties = excluded.specialties,
    listed = excluded.listed, digest = excluded.digest, version = excluded.version, updated_at = excluded.updated_at,
    import_id = excluded.import_id, gone_at = NULL
"""

_SAVE_ACTIVITIES = "INSERT INTO activity SELECT * FROM jsonb_populate_recordset(NULL::activity, $1::jsonb)"


def _entries(change: Changed) -> list[tuple[str, str, str, str]]:
    name, rpps = change.person.search_name, change.person.rpps
    return [(place, facet, name, rpps) for place, facet in change.entries]


def _row(change: Changed, now: datetime, import_id: UUID) -> dict[str, object]:
    person = change.person
    return {name: value for name, value in vars(person).items() if name != "activities"} | {
        "name": person.name,
        "search_name": person.search_name,
        "listed": True,
        "digest": rf"\x{change.digest.hex()}",
        "version": change.version,
        "updated_at": now.isoformat(),
        "import_id": str(import_id),
        "first_seen_at": now.isoformat(),
    }
