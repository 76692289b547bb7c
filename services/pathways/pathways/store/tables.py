"""The tables. No column holds an identity in the clear: it is sealed, and found by a keyed digest (blind index)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from pathways.store.base import Table, instant, string


class PatientRow(Table, table=True):
    """A patient. `ref` is the pseudonym for the dispatch: random, in no relation to `id`.

    `sealed` holds the fields of the identity, each sealed by itself under the patient's own key. What was merged into
    another entry or erased has none; the indexes of a merged entry stay, so that the old name finds the other one.
    """

    __tablename__ = "patient"
    __table_args__ = (
        UniqueConstraint("territory", "id"),
        UniqueConstraint("ref"),
        # Two people may share name and birth date only when their national identifiers tell them apart.
        Index(
            "ux_patient_name",
            "territory",
            "name_index",
            "ins_index",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("sealed IS NOT NULL"),
        ),
        Index(
            "ux_patient_ins",
            "territory",
            "ins_index",
            unique=True,
            postgresql_where=text("ins_index IS NOT NULL AND sealed IS NOT NULL"),
        ),
        Index(None, "name_index"),
        Index(None, "territory", "birth_index"),
        Index(None, "merged_into"),
        Index("ix_patient_restricted", "id", postgresql_where=text("restricted_at IS NOT NULL")),
        Index("ix_patient_erasure", "id", postgresql_where=text("erasure_reason IS NOT NULL")),
        CheckConstraint("sealed IS NOT NULL OR merged_into IS NOT NULL OR erased_at IS NOT NULL", "whole"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    ref: UUID | None
    sealed: bytes | None = Field(sa_column=Column(LargeBinary))
    name_index: bytes | None = Field(sa_column=Column(LargeBinary))
    ins_index: bytes | None = Field(sa_column=Column(LargeBinary))
    identity_status: str = string()
    commune: str | None = string()
    sex: str | None = string(default=None)
    created_at: datetime = instant()
    birth_index: bytes | None = Field(sa_column=Column(LargeBinary))
    key_id: UUID | None = None
    merged_into: UUID | None = None
    restricted_at: datetime | None = instant(nullable=True)
    restriction: str | None = string(default=None)
    erased_at: datetime | None = instant(nullable=True)
    erasure_reason: str | None = string(default=None)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class PatientKey(Table, table=True):
    """The key of one patient's content, wrapped by a master key (`master` names it). Without it nothing opens."""

    __tablename__ = "patient_key"
    __table_args__ = (
        ForeignKeyConstraint(["territory", "patient_id"], ["patient.territory", "patient.id"]),
        Index(None, "territory", "patient_id"),
        Index(None, "master"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    wrapped: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    master: str = string()
    created_at: datetime = instant()


class AccessRecord(Table, table=True):
    """Who saw or wrote which kind of content of whom, when, why and on which grounds. Rows are added, never changed."""

    __tablename__ = "access_record"
    __table_args__ = (
        Index(None, "territory", "patient_id", "id"),
        Index(None, "territory", "id"),
        Index(None, "territory", "batch"),
        Index("ix_access_record_unsealed", "territory", "id", postgresql_where=text("batch IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    at: datetime = instant()
    subject: str = string()
    role: str | None = string(default=None)
    organisation: str | None = string(default=None)
    action: str = string()
    purpose: str = string()
    patient_id: UUID | None = None
    correlation_id: str = string()
    rpps: str | None = string(default=None)
    kind: str = string()
    enrolment_id: UUID | None = None
    situation: str | None = string(default=None)
    batch: int | None = Field(default=None, description="Of access_seal; null until it is sealed")


class Enrolment(Table, table=True):
    """A patient on a pathway (*inclusion*). `dates` has every named day, `told_dates` those that are not assumed."""

    __tablename__ = "enrolment"
    __table_args__ = (
        UniqueConstraint("territory", "id"),
        ForeignKeyConstraint(["territory", "patient_id"], ["patient.territory", "patient.id"]),
        Index(None, "territory", "patient_id"),
        Index(
            "ux_enrolment_running",
            "territory",
            "patient_id",
            "template",
            unique=True,
            postgresql_where=text("state IN ('active', 'paused')"),
        ),
        CheckConstraint("state IN ('active', 'paused', 'completed', 'left')", "state"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    template: str = string()
    template_version: str = string()
    label: str = string()
    state: str = string()
    started_on: date
    created_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)
    leave_reason: str | None = string(default=None)
    facts: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    dates: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    told_dates: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    criteria: dict[str, bool] = Field(sa_column=Column(JSONB, nullable=False))
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class TemplateVersion(Table, table=True):
    """A pathway as it was when somebody was enrolled. `ladders`: by code of step, who is told of it when overdue."""

    __tablename__ = "template_version"

    territory: str = string(primary_key=True)
    template: str = string(primary_key=True)
    version: str = string(primary_key=True)
    body: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    ladders: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    recorded_at: datetime = instant()


class PauseRow(Table, table=True):
    """Days on which an enrolment rests, from the first to the day before `until_on`."""

    __tablename__ = "pause"
    __table_args__ = (
        ForeignKeyConstraint(["territory", "enrolment_id"], ["enrolment.territory", "enrolment.id"]),
        Index(None, "enrolment_id"),
        Index("ix_pause_open", "until_on", postgresql_where=text("resumed_at IS NULL")),
        CheckConstraint("until_on >= from_on", "days"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    enrolment_id: UUID
    reason: str = string()
    from_on: date
    until_on: date
    resumed_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class Consent(Table, table=True):
    """What the patient agreed to, when, how and to which text; for one pathway or, without it, for all that is done.

    It is in force until `withdrawn_at`.
    """

    __tablename__ = "consent"
    __table_args__ = (
        ForeignKeyConstraint(["territory", "enrolment_id"], ["enrolment.territory", "enrolment.id"]),
        ForeignKeyConstraint(["territory", "patient_id"], ["patient.territory", "patient.id"]),
        Index(None, "enrolment_id"),
        Index(None, "territory", "patient_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    enrolment_id: UUID | None = None
    given_on: date
    given_by: str = string()
    channel: str = string()
    text_version: str = string()
    recorded_by: str = string()
    recorded_at: datetime = instant()
    patient_id: UUID
    purpose: str = string()
    withdrawn_at: datetime | None = instant(nullable=True)
    withdrawn_by: str | None = string(default=None)
    withdrawal_channel: str | None = string(default=None)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class StepRow(Table, table=True):
    """One thing to do. It keeps how it is dated, so that a later template does not move it.

    `gravity` says how grave it is when it is missed, 1 the gravest.
    `chosen_from` and `chosen_due` are days that somebody chose instead; `rung` counts who was told of it since it is
    overdue, `escalate_at` says when the next one is; from then on `pathway` is that of the enrolment, for the counts.
    `visit` says when the visit that it needs is asked for: once it is due, or only once it is overdue.
    """

    __tablename__ = "step"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "key"),
        ForeignKeyConstraint(["territory", "enrolment_id"], ["enrolment.territory", "enrolment.id"]),
        Index("ix_step_opening", "opens_at", postgresql_where=text("state = 'planned'")),
        Index("ix_step_closing", "due_at", postgresql_where=text("state = 'due'")),
        Index("ix_step_escalating", "escalate_at", postgresql_where=text("state = 'overdue'")),
        Index("ix_step_breaks", "territory", "gravity", "due_at", "id", postgresql_where=text("state = 'overdue'")),
        Index(
            "ix_step_breaks_counted",
            "territory",
            "gravity",
            "pathway",
            "due_at",
            postgresql_include=["rung", "enrolment_id"],
            postgresql_where=text("state = 'overdue'"),
        ),
        Index("ix_step_worklist", "territory", "due_at", "id"),
        Index(
            "ix_step_open",
            "territory",
            "due_at",
            "id",
            postgresql_where=text("state IN ('planned', 'due', 'overdue')"),
        ),
        Index(
            "ix_step_open_of_enrolment",
            "enrolment_id",
            "due_at",
            "id",
            postgresql_where=text("state IN ('planned', 'due', 'overdue')"),
        ),
        CheckConstraint("gravity BETWEEN 1 AND 3", "gravity"),
        CheckConstraint(
            "state IN ('planned', 'due', 'overdue', 'done', 'skipped', 'cancelled', 'paused', 'not_needed')", "state"
        ),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    enrolment_id: UUID
    position: int = Field(sa_type=SmallInteger)
    key: str = string()
    code: str = string()
    occurrence: int | None = Field(default=None, sa_type=SmallInteger)
    label: str = string()
    role: str = string()
    gravity: int = Field(sa_type=SmallInteger)
    anchor: str | None = string(default=None)
    anchor_date: str | None = string(default=None)
    from_days: int
    to_days: int
    from_on: date
    due_on: date
    opens_at: datetime = instant()
    due_at: datetime = instant()
    chosen_from: date | None = None
    chosen_due: date | None = None
    state: str = string()
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()
    began_at: datetime | None = instant(nullable=True)
    overdue_at: datetime | None = instant(nullable=True)
    done_at: datetime | None = instant(nullable=True)
    skip_reason: str | None = string(default=None)
    rung: int = Field(sa_type=SmallInteger)
    escalate_at: datetime | None = instant(nullable=True)
    proof: str | None = string(default=None)
    proof_ref: str | None = string(default=None)
    visit: str | None = string(default=None)
    pathway: str | None = string(default=None)


class EnrolmentBooking(Table, table=True):
    """A visit that the dispatch booked for an enrolled patient, as its events tell it."""

    __tablename__ = "enrolment_booking"
    __table_args__ = (
        ForeignKeyConstraint(["territory", "enrolment_id"], ["enrolment.territory", "enrolment.id"]),
        Index(None, "booking_id"),
        Index(None, "call_id"),
        CheckConstraint("state IN ('confirmed', 'cancelled', 'fulfilled', 'missed')", "state"),
    )

    enrolment_id: UUID = Field(primary_key=True)
    booking_id: UUID = Field(primary_key=True)
    territory: str = string()
    state: str = string()
    version: int
    changed_at: datetime = instant()
    confirmed_at: datetime | None = instant(nullable=True)
    starts_at: datetime | None = instant(nullable=True)
    ends_at: datetime | None = instant(nullable=True)
    commune: str | None = string(default=None)
    mode: str | None = string(default=None)
    rpps: str | None = string(default=None)
    finess: str | None = string(default=None)
    call_id: UUID | None = None
    ended_by: str | None = string(default=None)
    visit_version: int = Field(
        sa_column=Column(Integer, nullable=False, server_default=text("0")),
        description="Of the event that said when and where; 0 while none has",
    )
