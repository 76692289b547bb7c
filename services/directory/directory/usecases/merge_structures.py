"""Last part of an import: the structures that the staged lines mention."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from directory.domain.imports import Counts
from directory.domain.professionals import Places
from directory.domain.structures import Structure, StructureMention, mentioned, structure_of
from directory.store import imports, structures
from directory.store.structures import Stored
from directory.store.tables import ImportRun
from directory.usecases.tell_followed import tell_structures
from kit.work import Work

_SITES = 1000
"""Structures merged by one set of statements."""


async def merge_structures(work: Work, run: ImportRun, counts: Counts, places: Places) -> int:
    """Merges the next structures; answers how many mentions they had, 0 when all are merged."""
    rows = await imports.staged_structures(work, run.merged_up_to, _SITES)
    if not rows:
        return 0
    mentions = (StructureMention(*row) for row in rows)
    sites = [structure_of(list(group), places) for _, group in groupby(mentions, key=lambda item: item.finess)]
    known = await structures.known(work, [site.finess for site in sites])
    now = [mentioned(known[site.finess].structure if site.finess in known else None, site) for site in sites]
    await save_changed(work, run, known, now, counts)
    run.merged_up_to = sites[-1].finess
    return len(rows)


async def save_changed(
    work: Work, run: ImportRun, known: Mapping[str, Stored], sites: Sequence[Structure], counts: Counts
) -> None:
    """Writes those of these structures that differ from what was known; tells of the followed ones."""
    changed: list[tuple[Structure, int]] = []
    for site in sites:
        before = known.get(site.finess)
        if before is None:
            counts.structures_added += 1
        elif before.structure == site:
            counts.structures_unchanged += 1
            continue
        else:
            counts.structures_changed += 1
        changed.append((site, before.version + 1 if before else 1))
    await structures.save(work, changed, run.id)
    await tell_structures(work, changed, known)
