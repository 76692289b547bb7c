"""What happened to a patient and what is to come, from every table that knows of it.

A new kind of thing gets a line in `SOURCES` (and its words in `domain/timeline.py`): then it is on the timeline of the
patient, and on that of its enrolment, for whoever may read its kind of content.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.query import Query
from kit.work import Record, Work
from pathways.domain.access import Kind as Content
from pathways.store.standing import Sight


@dataclass(frozen=True)
class Source:
    """Rows `t` of a table, each with its moments: kind, instant (null: it is none) and label, as SQL.

    `content` is what one must be allowed to read to see them. `enrolment` is the column that names the enrolment, null
    in what concerns the patient as a whole. A row without a column `patient_id` is the patient's by its enrolment.
    """

    table: str
    content: Content
    moments: tuple[tuple[str, str, str], ...]
    subject: str = "t.id"
    enrolment: str = "NULL::uuid"
    by_enrolment: bool = False

    def select(self, where: str) -> str:
        """Its moments, where this condition on {patient} and {enrolment} holds."""
        joined = "JOIN enrolment e ON e.id = t.enrolment_id" if self.by_enrolment else ""
        values = ", ".join(f"('{kind}', {at}, {label})" for kind, at, label in self.moments)
        patient = "e.patient_id" if self.by_enrolment else "t.patient_id"
        condition = where.format(patient=patient, enrolment=self.enrolment)
        return (
            f"SELECT moment.*, {self.subject} AS subject_id, {self.enrolment} AS enrolment_id "
            f"FROM {self.table} t {joined} CROSS JOIN LATERAL (VALUES {values}) AS moment (kind, at, label) "
            f"WHERE moment.at IS NOT NULL AND {condition}"
        )


def _first_of(day: str) -> str:
    return f"{day}::timestamp AT TIME ZONE 'Europe/Paris'"


def _while(condition: str, at: str) -> str:
    return f"CASE WHEN {condition} THEN {at} END"


SOURCES: tuple[Source, ...] = (
    Source(
        "enrolment",
        "pathway",
        (("enrolled", "t.created_at", "t.label"), ("closed", "t.closed_at", "t.leave_reason")),
        enrolment="t.id",
    ),
    Source(
        "step",
        "pathway",
        (
            ("step_opened", _while("t.began_at IS NOT NULL", "t.opens_at"), "t.label"),
            ("step_due", _while("t.state IN ('planned', 'due')", "t.due_at"), "t.label"),
            ("step_overdue", _while("t.overdue_at IS NOT NULL", "t.due_at"), "t.label"),
            ("step_done", "t.done_at", "t.label"),
            ("step_skipped", _while("t.state = 'skipped'", "t.changed_at"), "t.label"),
        ),
        enrolment="t.enrolment_id",
        by_enrolment=True,
    ),
    Source(
        "enrolment_booking",
        "pathway",
        (
            ("booking_confirmed", "t.confirmed_at", "NULL::text"),
            ("booking_cancelled", _while("t.state = 'cancelled'", "t.changed_at"), "NULL"),
            ("booking_fulfilled", _while("t.state = 'fulfilled'", "t.changed_at"), "NULL"),
            ("booking_missed", _while("t.state = 'missed'", "t.changed_at"), "NULL"),
        ),
        subject="t.booking_id",
        enrolment="t.enrolment_id",
        by_enrolment=True,
    ),
    Source(
        "care_plan",
        "clinical",
        (
            ("plan_published", "t.published_at", "t.number::text"),
            ("plan_withdrawn", "t.withdrawn_at", "t.number::text"),
        ),
        enrolment="t.enrolment_id",
    ),
    Source("note", "clinical", (("note_written", "t.written_at", "t.kind"),), enrolment="t.enrolment_id"),
    Source(
        "pause",
        "pathway",
        (("paused", _first_of("t.from_on"), "t.reason"), ("resumed", "t.resumed_at", "NULL")),
        enrolment="t.enrolment_id",
        by_enrolment=True,
    ),
    Source(
        "consent",
        "consent",
        (("consent_given", "t.recorded_at", "t.purpose"), ("consent_withdrawn", "t.withdrawn_at", "t.purpose")),
        enrolment="t.enrolment_id",
    ),
    Source(
        "objection",
        "consent",
        (("objection_made", _first_of("t.made_on"), "t.against"), ("objection_lifted", "t.withdrawn_at", "t.against")),
    ),
    Source(
        "team_member",
        "team",
        (("member_joined", "t.starts_at", "t.role"), ("member_left", "t.ends_at", "t.role")),
        enrolment="t.enrolment_id",
    ),
    Source(
        "stay",
        "clinical",
        (
            ("stay_began", _while("NOT t.cancelled", _first_of("t.arrived_on")), "t.motive"),
            ("stay_ended", _while("NOT t.cancelled", _first_of("t.left_on")), "t.destination"),
        ),
    ),
    Source(
        "doctor_search",
        "team",
        (("search_opened", "t.opened_at", "NULL::text"), ("search_closed", "t.closed_at", "t.outcome")),
    ),
    Source("break_glass", "trace", (("glass_broken", "t.opened_at", "t.reason"),)),
)
CONTENTS: frozenset[Content] = frozenset(source.content for source in SOURCES)
"""Kinds of content that a timeline has moments of."""


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
