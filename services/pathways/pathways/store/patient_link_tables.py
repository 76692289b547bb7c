"""Personal links of patients and of carers whom they name (*aidants*)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from pathways.store.access_tables import OF_ENROLMENT, OF_PATIENT
from pathways.store.base import Table, instant, string


class PatientLink(Table, table=True):
    """A link on one pathway. Neither its secret nor its code is kept: both follow from the id and the keys.

    `name` is what the patient calls the carer, sealed; `tries`: wrong codes since the last right one; `surveys`: those
    for which an anonymous address was taken, which nobody can lead to an answer.
    """

    __tablename__ = "patient_link"
    __table_args__ = (
        ForeignKeyConstraint(*OF_PATIENT),
        ForeignKeyConstraint(*OF_ENROLMENT),
        ForeignKeyConstraint(["parent_id"], ["patient_link.id"]),
        Index(None, "territory", "patient_id"),
        Index("ix_patient_link_enrolment", "territory", "enrolment_id", "id"),
        CheckConstraint("holder IN ('patient', 'carer')", "holder"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    enrolment_id: UUID
    parent_id: UUID | None = None
    holder: str = string()
    rights: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    name: bytes | None = Field(sa_column=Column(LargeBinary))
    tries: int
    surveys: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    expires_at: datetime = instant()
    locked_at: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()
