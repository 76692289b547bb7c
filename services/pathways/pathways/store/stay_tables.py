"""Tables of emergency visits and hospital stays. A row names a patient of ours, or nobody: no identity is kept."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from pathways.store.base import Table, instant, string


class Stay(Table, table=True):
    """A visit or stay at an establishment. `number_index` is the keyed digest of its own id there.

    `readmission` is null while nobody of ours is known to have been there.
    """

    __tablename__ = "stay"
    __table_args__ = (
        CheckConstraint("kind IN ('ed_visit', 'stay')", "kind"),
        CheckConstraint("entry IN ('direct', 'ed')", "entry"),
        CheckConstraint("left_on >= arrived_on", "days"),
        UniqueConstraint("territory", "finess", "number_index"),
        ForeignKeyConstraint(["territory", "patient_id"], ["patient.territory", "patient.id"]),
        Index("ix_stay_patient", "territory", "patient_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    finess: str = string()
    number_index: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    kind: str = string()
    motive: str = string()
    entry: str | None = string(default=None)
    arrived_on: date
    left_on: date | None = None
    destination: str | None = string(default=None)
    cancelled: bool
    patient_id: UUID | None = None
    readmission: bool | None = None
    rules_version: str = string()
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class StayImport(Table, table=True):
    """A file of stays. `refusals`: number, column and cause of what was refused; nothing of what it said.

    `pending`: good lines that are not taken yet. `changed_by`, `role` and `rpps` are those of who told it.
    """

    __tablename__ = "stay_import"
    __table_args__ = (
        Index("ix_stay_import_list", "territory", "finess", "id"),
        Index("ix_stay_import_pending", "id", postgresql_where=text("pending > 0")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    finess: str = string()
    lines: int
    added: int
    changed: int
    unchanged: int
    refused: int
    refusals: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    pending: int
    role: str | None = string(default=None)
    rpps: str | None = string(default=None)
    received_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class StayImportLine(Table, table=True):
    """A good line of a file that is not taken yet, sealed by the master keys; gone with the batch that takes it.

    `number`: of the line. `number_index`: as that of the stay.
    """

    __tablename__ = "stay_import_line"
    __table_args__ = (
        UniqueConstraint("import_id", "number"),
        Index("ix_stay_import_line_stay", "territory", "number_index"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    import_id: UUID = Field(foreign_key="stay_import.id")
    number: int
    number_index: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
