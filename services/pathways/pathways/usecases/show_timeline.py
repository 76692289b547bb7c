"""One patient's timeline: everything that the caller may see, in the order of time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from pathways.domain.access import Kind
from pathways.store import timeline_sources, timelines
from pathways.usecases.access import Access

_NARROWED: frozenset[Kind] = frozenset({"pathway", "clinical"})
"""Content that a member of one pathway sees of that one only."""


@dataclass(frozen=True)
class Wanted:
    """Which moments: of these kinds, of one enrolment, from an instant until before another. None: all."""

    kinds: Collection[str] | None = None
    enrolment_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


async def show_timeline(
    work: Work,
    access: Access,
    patient_id: UUID,
    wanted: Wanted,
    *,
    after: tuple[datetime, str, UUID] | None,
    limit: int,
) -> list[Record]:
    """One more than `limit`, the newest first. Raises Problem 403, 404 or 410."""
    readable = await access.readable(patient_id, timeline_sources.CONTENTS, action="timeline")
    sights = {it: access.sight(it, patient_id) if it in _NARROWED else None for it in readable}
    return await timelines.of_patient(work, patient_id, sights, **vars(wanted), after=after, limit=limit + 1)
