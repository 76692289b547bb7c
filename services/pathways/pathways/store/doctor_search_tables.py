"""Searches of a *médecin traitant*, proposals to doctors, and what the directory tells of doctors."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, ForeignKeyConstraint, Index, Text, text
from sqlmodel import Field

from pathways.store.base import Table, instant, string


class DoctorSearch(Table, table=True):
    """A patient without a doctor. `priority` 1 comes first; `criteria` say why; `doctor` is who accepted."""

    __tablename__ = "doctor_search"
    __table_args__ = (
        ForeignKeyConstraint(["territory", "patient_id"], ["patient.territory", "patient.id"]),
        Index("ix_doctor_search_list", "territory", "priority", "opened_at", "id"),
        Index("ix_doctor_search_patient", "territory", "patient_id"),
        Index(
            "ux_doctor_search_running",
            "territory",
            "patient_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("state IN ('waiting', 'proposed', 'closed')", "state"),
        CheckConstraint("priority BETWEEN 1 AND 3", "priority"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", "closed"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    commune: str = string()
    age_band: str = string()
    criteria: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    priority: int
    rules_version: str = string()
    state: str = string()
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)
    outcome: str | None = string(default=None)
    doctor: str | None = string(default=None)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class DoctorProposal(Table, table=True):
    """A search put to one doctor, who answers until `answer_by`. `statement_version`: what they had said then."""

    __tablename__ = "doctor_proposal"
    __table_args__ = (
        ForeignKeyConstraint(["territory", "patient_id"], ["patient.territory", "patient.id"]),
        ForeignKeyConstraint(["search_id"], ["doctor_search.id"]),
        Index("ux_doctor_proposal_open", "search_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_doctor_proposal_search", "search_id", "id"),
        Index("ix_doctor_proposal_patient", "territory", "patient_id"),
        Index("ix_doctor_proposal_doctor", "territory", "rpps", "id"),
        Index("ix_doctor_proposal_lapsing", "answer_by", postgresql_where=text("state = 'open'")),
        CheckConstraint("state IN ('open', 'accepted', 'refused', 'lapsed', 'withdrawn')", "state"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    search_id: UUID
    patient_id: UUID
    rpps: str = string()
    km: float
    statement_version: int
    state: str = string()
    proposed_at: datetime = instant()
    answer_by: datetime = instant()
    answered_at: datetime | None = instant(nullable=True)
    reason: str | None = string(default=None)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class GpAcceptance(Table, table=True):
    """What a doctor said last of new patients on a territory, as the directory tells it."""

    __tablename__ = "gp_acceptance"

    territory: str = string(primary_key=True)
    rpps: str = string(primary_key=True)
    accepts: bool
    capacity: int | None
    patients: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    valid_until: date
    version: int


class GpPlace(Table, table=True):
    """Communes in which a general practitioner practises, as the directory tells it. National."""

    __tablename__ = "gp_place"

    rpps: str = string(primary_key=True)
    communes: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    listed: bool
    version: int
