"""Versions of personal care plans (PPS) and who they are for. The content is sealed with the patient's key."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from pathways.store.access_tables import OF_ENROLMENT, OF_PATIENT
from pathways.store.base import Table, instant, string


class CarePlanVersion(Table, table=True):
    """A version of the plan of an enrolment, as it was published. Only its withdrawal changes the row."""

    __tablename__ = "care_plan"
    __table_args__ = (
        ForeignKeyConstraint(*OF_PATIENT),
        ForeignKeyConstraint(*OF_ENROLMENT),
        UniqueConstraint("territory", "enrolment_id", "number"),
        Index(None, "territory", "patient_id"),
        CheckConstraint("number >= 1", "number"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    enrolment_id: UUID
    number: int
    template_version: str = string()
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    published_at: datetime = instant()
    withdrawn_at: datetime | None = instant(nullable=True)
    withdraw_reason: str | None = string(default=None)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class CarePlanRecipient(Table, table=True):
    """Who a version is for, and when they said that they have read it. `person` as in the care team, or `patient`."""

    __tablename__ = "care_plan_recipient"
    __table_args__ = (
        ForeignKeyConstraint(*OF_PATIENT),
        ForeignKeyConstraint(["plan_id"], ["care_plan.id"]),
        UniqueConstraint("territory", "plan_id", "person"),
        Index(None, "territory", "patient_id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    plan_id: UUID
    person: str = string()
    role: str | None = string(default=None)
    acknowledged_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()
