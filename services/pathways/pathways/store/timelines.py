"""What happened to a patient and what is to come, from every table that knows of it: see `timeline_sources.py`."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from kit.query import Query
from kit.work import Record, Work
from pathways.domain.access import Kind as Content
from pathways.store.standing import Sight
from pathways.store.timeline_sources import SOURCES, Source


async def of_enrolment(work: Work, enrolment_id: UUID) -> list[Record]:
    """Every moment of one enrolment, for who may read the pathway; in no order."""
    where = "{enrolment} = $1"
    own = [it for it in SOURCES if it.content == "pathway" and it.enrolment != Source.enrolment]
    return await work.fetch(" UNION ALL ".join(it.select(where) for it in own), enrolment_id)


async def of_patient(
    work: Work,
    patient_id: UUID,
    sights: Mapping[Content, Sight | None],
    *,
    kinds: Collection[str] | None,
    enrolment_id: UUID | None,
    since: datetime | None,
    until: datetime | None,
    after: tuple[datetime, str, UUID] | None,
    limit: int,
) -> list[Record]:
    """Moments of the contents in `sights`, the newest first; with a sight, only of enrolments that are in it."""
    query = Query()
    of = query.bind("{patient} = ?", patient_id)
    # Once for each kind of content, not in each source: planning the same condition seventeen times took longer than
    # reading the rows.
    seen = {content: _seen(query, content, sight) for content, sight in sights.items()}
    arrays = [array for array, _ in seen.values() if array]
    parts = [it.select(f"{of}{seen[it.content][1]}") for it in SOURCES if it.content in sights]
    filters = [
        query.bind(sql, value)
        for sql, value in (
            ("kind = ANY(?::text[])", list(kinds) if kinds else None),
            ("enrolment_id = ?", enrolment_id),
            ("at >= ?", since),
            ("at < ?", until),
        )
        if value is not None
    ]
    if after:
        filters.append(query.bind("(at, kind, subject_id) < (?, ?, ?)", *after))
    where = " AND ".join(["TRUE", *filters])
    tail = query.bind("ORDER BY at DESC, kind DESC, subject_id DESC LIMIT ?", limit)
    first = f"WITH {', '.join(arrays)} " if arrays else ""
    return await work.fetch(
        f"{first}SELECT * FROM ({' UNION ALL '.join(parts)}) AS m WHERE {where} {tail}", *query.args
    )


def _seen(query: Query, content: Content, sight: Sight | None) -> tuple[str | None, str]:
    """What goes before the statement, and the condition on a source of this content. Without a sight, none."""
    if sight is None:
        return None, ""
    array = f"seen_{content} AS MATERIALIZED (SELECT {sight.named(len(query.args) + 1)} AS ids)"
    query.args.extend(sight.args)
    condition = sight.within(f"(SELECT ids FROM seen_{content})::uuid[]", "{enrolment}")
    return array, f" AND ({{enrolment}} IS NULL OR {condition})"
