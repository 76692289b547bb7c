"""Second half of an import: from the staged lines to the professionals, telling only what changed."""

from collections.abc import Sequence
from itertools import groupby

from contracts import directory as contract
from contracts.directory import ProfessionalUpdated
from contracts.envelope import NATIONAL
from directory.domain.facets import entries
from directory.domain.imports import Counts
from directory.domain.nomenclature import Nomenclature
from directory.domain.professionals import Places, Professional, assemble
from directory.domain.rpps_file import SEPARATOR, RppsLine
from directory.store import imports, professionals
from directory.store.professionals import Changed
from directory.store.tables import ImportRun
from kit.work import Record, Work

_PERSONS = 1000
"""Persons merged by one set of statements."""


async def merge_professionals(
    work: Work, run: ImportRun, counts: Counts, nomenclature: Nomenclature, places: Places
) -> int:
    """Merges the next persons; answers how many lines they had, 0 when all are merged."""
    rows = await imports.staged_persons(work, run.merged_up_to, _PERSONS)
    if not rows:
        return 0
    persons = [assemble(lines, nomenclature, places) for lines in _lines_of_each(rows, counts)]
    await _save_changed(work, run, persons, nomenclature, counts)
    run.merged_up_to = persons[-1].rpps
    counts.lines_merged += len(rows)
    return len(rows)


def _lines_of_each(rows: Sequence[Record], counts: Counts) -> list[list[RppsLine]]:
    """The lines of each person, exact repetitions once."""
    persons = []
    for _, group in groupby(rows, key=lambda row: row["rpps"]):
        lines = [row["fields"] for row in group]
        distinct = dict.fromkeys(lines)
        counts.lines_duplicate += len(lines) - len(distinct)
        persons.append([RppsLine._make(line.split(SEPARATOR)) for line in distinct])
    return persons


async def _save_changed(
    work: Work, run: ImportRun, persons: Sequence[Professional], nomenclature: Nomenclature, counts: Counts
) -> None:
    known = await professionals.known(work, [person.rpps for person in persons])
    changed: list[Changed] = []
    for person in persons:
        counts.places_unresolved += sum(activity.commune is None for activity in person.activities)
        before, digest = known.get(person.rpps), person.digest()
        if before is None:
            counts.persons_added += 1
        elif before.listed and before.digest == digest:
            counts.persons_unchanged += 1
            continue
        else:
            counts.persons_changed += 1
        version = before.version + 1 if before else 1
        changed.append(Changed(person, digest, version, entries(person, nomenclature)))
    await professionals.save(work, changed, run.id)
    for change in changed:
        work.emit(told_of(change.person, listed=True), version=change.version, territory=NATIONAL)


def told_of(person: Professional, *, listed: bool) -> ProfessionalUpdated:
    """The whole state of a person, as the event says it."""
    return ProfessionalUpdated(
        rpps=person.rpps,
        family_name=person.family_name,
        given_name=person.given_name,
        profession=person.profession,
        skills=person.skills,
        specialties=person.specialties,
        activities=tuple(
            contract.Activity(
                commune=activity.commune,
                mode=activity.mode,
                sector=activity.sector,
                finess=activity.finess,
                profession=activity.profession,
            )
            for activity in person.activities
        ),
        listed=listed,
    )
