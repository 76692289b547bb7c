"""Second half of an import of FINESS: from the staged records to the structures, telling only what changed."""

from collections import Counter
from dataclasses import replace
from itertools import groupby

from directory.domain.finess_codes import FinessCodes
from directory.domain.imports import Counts, gone_refusal
from directory.domain.professionals import Places
from directory.domain.structures import described
from directory.store import finess, imports, structures
from directory.store.tables import ImportRun
from directory.usecases.merge_structures import save_changed
from directory.usecases.tell_followed import tell_structures
from kit.work import Work

_SITES = 1000
"""Structures merged by one set of statements."""


async def merge_finess(work: Work, run: ImportRun, counts: Counts, places: Places, codes: FinessCodes) -> int:
    """Merges the next structures; answers how many records they had, 0 when all are merged."""
    rows = await finess.staged(work, run.merged_up_to, _SITES)
    if not rows:
        return 0
    groups = {number: list(group) for number, group in groupby(rows, key=lambda row: row[1].finess)}
    known = await structures.known(work, list(groups))
    now, warned = [], []
    for number, group in groups.items():
        before = known[number].structure if number in known else None
        site = described(before, [item for _, item in group], places, codes)
        if site is None:
            detail = f"{number} is in no file imported so far: import the structures first"
            warned.append((run.id, group[0][0], "structure_unknown", "nofinesset", detail))
            continue
        now.append(site)
        if site.commune is None and any(item.kind == "site" for _, item in group):
            detail = f"No commune of today for {number} ({site.postal_code} {site.city})"
            warned.append((run.id, group[0][0], "commune_unknown", "commune", detail))
    await imports.warn(work, warned)
    counts.warn(Counter(warning[2] for warning in warned))
    await save_changed(work, run, known, now, counts)
    run.merged_up_to = rows[-1][1].finess
    counts.lines_merged += len(rows)
    return len(rows)


async def refuse_many_sites_gone(work: Work, run: ImportRun, share: float) -> str | None:
    """Why this file may not be merged: it would flag more than `share` of those listed, and nobody confirmed that."""
    if run.scope != "whole" or run.confirm_gone:
        return None
    return gone_refusal("structures", *await finess.count_missing(work, run.id), share)


async def flag_sites_gone(work: Work, run: ImportRun, counts: Counts) -> int:
    """Flags the next structures that a whole file does not name; answers how many, 0 when none is left."""
    if run.scope != "whole":
        return 0
    numbers = await finess.missing(work, run.id, run.merged_up_to, _SITES)
    if not numbers:
        return 0
    known = await structures.known(work, numbers)
    flagged = [(replace(known[number].structure, listed=False), known[number].version + 1) for number in numbers]
    await structures.save(work, flagged, run.id)
    await tell_structures(work, flagged, known)
    run.merged_up_to = numbers[-1]
    counts.structures_gone += len(numbers)
    return len(numbers)
