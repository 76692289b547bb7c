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
    parts = [it.select(_seen(query, sights[it.content], patient_id)) for it in SOURCES if it.content in sights]
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
    return await work.fetch(f"SELECT * FROM ({' UNION ALL '.join(parts)}) AS m WHERE {where} {tail}", *query.args)


def _seen(query: Query, sight: Sight | None, patient_id: UUID) -> str:
    of = query.bind("{patient} = ?", patient_id)
    if sight is None:
        return of
    seen = sight.condition(len(query.args) + 1, enrolment="{enrolment}")
    query.args.extend(sight.args)
    return f"{of} AND ({{enrolment}} IS NULL OR {seen})"
