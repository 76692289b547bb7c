"""Last word of a whole file on persons: who is no longer named is flagged, never deleted."""

from directory.domain.imports import Counts, gone_refusal
from directory.store import gone
from directory.store.tables import ImportRun
from directory.usecases.tell_followed import followed, tell_persons
from kit.work import Work

_PERSONS = 1000
"""Persons flagged by one set of statements."""


async def refuse_many_gone(work: Work, run: ImportRun, share: float) -> str | None:
    """Why this file may not be merged: it would flag more than `share` of those listed, and nobody confirmed that."""
    if run.scope != "whole" or run.confirm_gone:
        return None
    return gone_refusal("persons", *await gone.count(work, run.id), share)


async def flag_gone(work: Work, run: ImportRun, counts: Counts) -> int:
    """Flags the next persons whom a whole file does not name and tells them; answers how many, 0 when none is left."""
    if run.scope != "whole":
        return 0
    persons = await gone.missing(work, run.id, run.merged_up_to, _PERSONS)
    if not persons:
        return 0
    flagged = await gone.flag(work, persons, run.id)
    told = await followed(work, flagged)
    tell_persons(work, [(person, version) for person, version in flagged if person.rpps in told], listed=False)
    run.merged_up_to = persons[-1]
    counts.persons_gone += len(persons)
    return len(persons)
