"""Pairs of entries that may be the same person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from pathways.store.base import Table, instant, string


class PatientDuplicate(Table, table=True):
    """Two entries, why they are alike, and what somebody who cares for them found. No identity."""

    __tablename__ = "patient_duplicate"
    __table_args__ = (
        UniqueConstraint("territory", "patient_id", "other_id"),
        ForeignKeyConstraint(["territory", "patient_id"], ["patient.territory", "patient.id"]),
        ForeignKeyConstraint(["territory", "other_id"], ["patient.territory", "patient.id"]),
        Index(None, "territory", "id"),
        CheckConstraint("state IN ('suspected', 'merged', 'dismissed')", "state"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    other_id: UUID
    likeness: str = string()
    state: str = string()
    found_at: datetime = instant()
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()
