"""Professionals and their activities: reading, and writing what an import brings."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from directory.domain.professionals import Activity, Professional
from directory.store import name_words, past
from directory.store.query import Query
from kit.history import source
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


async def profession(work: Work, rpps: str) -> str | None:
    """The profession of a person, code of TRE_G15; None for a number that is nobody's."""
    code: str | None = await work.fetchval("SELECT profession FROM professional WHERE rpps = $1", rpps)
    return code


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
    search_name: str


async def known(work: Work, persons: Sequence[str]) -> dict[str, Known]:
    """Those of these persons whom the directory has."""
    rows = await work.fetch(
        "SELECT rpps, digest, version, listed FROM professional WHERE rpps = ANY($1)", list(persons)
    )
    return {row["rpps"]: Known(row["digest"], row["version"], row["listed"]) for row in rows}


async def states(work: Work, persons: Sequence[str]) -> list[tuple[Record, Professional]]:
    """These persons as the directory has them, by number: the row, and what an import would make."""
    rows = await work.fetch("SELECT * FROM professional WHERE rpps = ANY($1) ORDER BY rpps", list(persons))
    places = await work.fetch("SELECT * FROM activity WHERE rpps = ANY($1) ORDER BY rpps, position", list(persons))
    by_person: dict[str, list[Activity]] = {}
    for place in places:
        activity = Activity(**{field: place[field] for field in _ACTIVITY})
        by_person.setdefault(place["rpps"], []).append(activity)
    return [(row, _person(row, by_person.get(row["rpps"], []))) for row in rows]


def _person(row: Record, activities: Sequence[Activity]) -> Professional:
    known = {field: row[field] for field in Professional.__dataclass_fields__ if field != "activities"}
    listed = {field: tuple(known[field]) for field in ("professions", "skills", "specialties")}
    return Professional(**known | listed, activities=tuple(activities))


async def save(work: Work, changed: Sequence[Changed], import_id: UUID) -> None:
    """Writes these persons in place of what was known of them: the row, the activities, what they are found under.

    What was known goes to `professional_past`.
    """
    if not changed:
        return
    if old := [change for change in changed if change.version > 1]:
        await _replace(work, old, import_id)
    # Nothing can be in the way of persons nobody knew: runs go one at a time.
    new = (_row(change, work.now, import_id) for change in changed if change.version == 1)
    await work.copy("professional", _WRITTEN, new)
    await work.copy("activity", ["rpps", "position", *_ACTIVITY], _places(changed))
    await work.copy("search_entry", ["place", "facet", "search_name", "rpps"], _entries(changed))
    await name_words.add(work, {word for change in changed for word in change.search_name.split()})


async def _replace(work: Work, old: Sequence[Changed], import_id: UUID) -> None:
    numbers = [change.person.rpps for change in old]
    await past.keep(work, numbers)
    await work.execute("DELETE FROM activity WHERE rpps = ANY($1)", numbers)
    await work.execute("DELETE FROM search_entry WHERE rpps = ANY($1)", numbers)
    await work.executemany(_UPDATE, [_row(change, work.now, import_id)[:-1] for change in old])


_ACTIVITY = tuple(Activity.__dataclass_fields__)
_PERSON = ("rpps", "title", "family_name", "given_name", "profession", "professions", "skills", "specialties")
_WRITTEN = [*_PERSON, "name", "search_name", "listed", "digest", "version", "updated_at", "import_id", "first_seen_at"]
_CHANGED = [f"{name} = ${number}" for number, name in enumerate(_WRITTEN[:-1], 1) if name != "rpps"]
_UPDATE = f"UPDATE professional SET {', '.join(_CHANGED)}, gone_at = NULL WHERE rpps = $1"


def _row(change: Changed, now: datetime, import_id: UUID) -> tuple[object, ...]:
    """In the order of `_WRITTEN`."""
    person = change.person
    told = (getattr(person, name) for name in _PERSON)
    return (*told, person.name, change.search_name, True, change.digest, change.version, now, import_id, now)


def _places(changed: Sequence[Changed]) -> Iterator[tuple[object, ...]]:
    for change in changed:
        for position, activity in enumerate(change.person.activities):
            yield (change.person.rpps, position, *vars(activity).values())


def _entries(changed: Sequence[Changed]) -> Iterator[tuple[str, str, str, str]]:
    for change in changed:
        for place, facet in change.entries:
            yield place, facet, change.search_name, change.person.rpps
