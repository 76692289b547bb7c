"""The care team, objections and broken glasses of a patient. A row ends; it is never deleted."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field

from pathways.store.base import Table, instant, string

OF_PATIENT = (["territory", "patient_id"], ["patient.territory", "patient.id"])
OF_ENROLMENT = (["territory", "enrolment_id"], ["enrolment.territory", "enrolment.id"])


class TeamMember(Table, table=True):
    """Who cares for a patient (*équipe de soins*), as what, on which basis and how long.

    `person` is `rpps:<number>` or `sub:<account>`; with `enrolment_id` the place is for one pathway only.
    """

    __tablename__ = "team_member"
    __table_args__ = (
        ForeignKeyConstraint(*OF_PATIENT),
        ForeignKeyConstraint(*OF_ENROLMENT),
        Index(None, "territory", "patient_id", "id"),
        Index("ix_team_member_person", "territory", "person", "patient_id"),
        Index(
            "ux_team_member_open",
            "territory",
            "patient_id",
            "person",
            "role",
            "enrolment_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("ends_at IS NULL"),
        ),
        CheckConstraint("basis IN ('consent', 'care_team', 'emergency')", "basis"),
        CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", "period"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    enrolment_id: UUID | None = None
    person: str = string()
    role: str = string()
    basis: str = string()
    informed_on: date | None = None
    starts_at: datetime = instant()
    ends_at: datetime | None = instant(nullable=True)
    end_reason: str | None = string(default=None)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class Objection(Table, table=True):
    """The patient objects to sharing with a person, a role of the team, or everybody (*opposition*)."""

    __tablename__ = "objection"
    __table_args__ = (
        ForeignKeyConstraint(*OF_PATIENT),
        Index(None, "territory", "patient_id", "id"),
        Index("ix_objection_standing", "against", postgresql_where=text("withdrawn_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    against: str = string()
    made_by: str = string()
    made_on: date
    channel: str = string()
    withdrawn_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class BreakGlass(Table, table=True):
    """An emergency access (*bris de glace*), until when, and what the coordinator found of it."""

    __tablename__ = "break_glass"
    __table_args__ = (
        ForeignKeyConstraint(*OF_PATIENT),
        Index(None, "territory", "id"),
        Index(None, "territory", "patient_id"),
        CheckConstraint("outcome IS NULL OR outcome IN ('justified', 'not_justified')", "outcome"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    subject: str = string()
    rpps: str | None = string(default=None)
    organisation: str | None = string(default=None)
    reason: str = string()
    rules_version: str = string()
    opened_at: datetime = instant()
    until: datetime = instant()
    reviewed_at: datetime | None = instant(nullable=True)
    reviewed_by: str | None = string(default=None)
    outcome: str | None = string(default=None)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()
