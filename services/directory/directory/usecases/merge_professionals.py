"""Second half of an import: from the staged lines to the professionals, telling only what changed."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from directory.domain.facets import entries
from directory.domain.imports import Counts
from directory.domain.nomenclature import Nomenclature
from directory.domain.professionals import Places, Professional, assemble
from directory.domain.rpps_file import SEPARATOR, RppsLine
from directory.store import imports, professionals
from directory.store.professionals import Changed
from directory.store.tables import ImportRun
from directory.usecases.tell_followed import followed, tell_persons
from kit.work import Record, Work

_LINES = 5000
"""Lines compared by one statement, about: a person is merged whole."""
_AT_ONCE = 800
"""Persons written by one set of statements."""
_MADE = "1"
"""Raise it when the code makes something else of the same lines: everybody is merged anew by the next file."""


@dataclass(frozen=True)
class Rules:
    """By which lines become persons."""

    nomenclature: Nomenclature
    places: Places

    @cached_property
    def stamp(self) -> str:
        """Changes with what a line becomes, except by the communes."""
        return f"{_MADE} {self.nomenclature.digest}"


async def merge_professionals(work: Work, run: ImportRun, counts: Counts, rules: Rules, *, room: int) -> int:
    """Merges the next persons, of at least one and about `room` lines; answers how many lines, 0 when all are merged.

    Of whom the last file said the same costs a look at the digest and nothing more.
    """
    up_to = await imports.next_persons_up_to(work, run.merged_up_to, min(room, _LINES))
    if up_to is None:
        return 0
    sources = await imports.staged_sources(work, run.merged_up_to, up_to, rules.stamp)
    for row in sources:
        counts.lines_duplicate += row["lines"] - row["kinds"]
        if row["same"]:
            counts.persons_unchanged += 1
            counts.places_unresolved += row["unresolved"]
    anew = {row["rpps"]: row for row in sources if not row["same"]}
    each = await _lines(work, run.merged_up_to, up_to, anew) if anew else []
    async for made in _made_ahead(each, rules):
        await _keep_sources(work, anew, [it.person for it in made])
        await _save_changed(work, run, made, counts)
    run.merged_up_to = up_to
    taken: int = sum(row["lines"] for row in sources)
    counts.lines_merged += taken
    return taken


async def _lines(work: Work, after: str, up_to: str, persons: Iterable[str]) -> list[list[RppsLine]]:
    """The lines of each person, exact repetitions once."""
    rows = await imports.staged_lines(work, after, up_to, list(persons))
    return [
        [RppsLine._make(line.split(SEPARATOR)) for line in dict.fromkeys(fields for _, fields in group)]
        for _, group in groupby(rows, key=lambda row: row[0])
    ]


class _Made(NamedTuple):
    """A person put together of its lines, and what follows from it."""

    person: Professional
    digest: bytes
    entries: Sequence[tuple[str, str]]
    search_name: str


def _made(persons: Sequence[Sequence[RppsLine]], rules: Rules) -> list[_Made]:
    found = []
    for lines in persons:
        person = assemble(lines, rules.nomenclature, rules.places)
        found.append(_Made(person, person.digest(), entries(person, rules.nomenclature), person.search_name))
    return found


async def _made_ahead(persons: Sequence[Sequence[RppsLine]], rules: Rules) -> AsyncIterator[list[_Made]]:
    """Some at a time: while the database writes the last ones, a thread puts the next ones together."""
    ahead: asyncio.Task[list[_Made]] | None = None
    for start in range(0, len(persons), _AT_ONCE):
        part = persons[start : start + _AT_ONCE]
        made, ahead = ahead, asyncio.create_task(asyncio.to_thread(_made, part, rules))
        if made is not None:
            yield await made
    if ahead is not None:
        yield await ahead


def _unresolved(person: Professional) -> int:
    return sum(activity.commune is None for activity in person.activities)


async def _keep_sources(work: Work, sources: dict[str, Record], persons: Sequence[Professional]) -> None:
    await imports.keep_sources(work, [(it.rpps, sources[it.rpps]["digest"], _unresolved(it)) for it in persons])


async def _save_changed(work: Work, run: ImportRun, made: Sequence[_Made], counts: Counts) -> None:
    known = await professionals.known(work, [it.person.rpps for it in made])
    changed: list[Changed] = []
    for it in made:
        counts.places_unresolved += _unresolved(it.person)
        before = known.get(it.person.rpps)
        if before is None:
            counts.persons_added += 1
        elif before.listed and before.digest == it.digest:
            counts.persons_unchanged += 1
            continue
        else:
            counts.persons_changed += 1
        version = before.version + 1 if before else 1
        changed.append(Changed(it.person, it.digest, version, it.entries, it.search_name))
    # Before they are written: somebody who moves away is told of once more.
    told = await followed(work, [(change.person, change.version) for change in changed])
    await professionals.save(work, changed, run.id)
    tell_persons(
        work, [(change.person, change.version) for change in changed if change.person.rpps in told], listed=True
    )
