"""The liaison notebook (*cahier de liaison*) of an enrolment: notes, who read them, their files. Nothing is changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from pathways.store.access_tables import OF_ENROLMENT, OF_PATIENT
from pathways.store.base import Table, instant, string


class NoteRow(Table, table=True):
    """A note. `text` is sealed with the patient's key; `corrects` is the note that it puts right, which stays."""

    __tablename__ = "note"
    __table_args__ = (
        ForeignKeyConstraint(*OF_PATIENT),
        ForeignKeyConstraint(*OF_ENROLMENT),
        ForeignKeyConstraint(["corrects"], ["note.id"]),
        Index("ix_note_list", "territory", "enrolment_id", "id"),
        Index(None, "territory", "patient_id"),
        Index("ix_note_corrects", "corrects"),
        CheckConstraint("writer IN ('professional', 'patient', 'carer')", "writer"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    enrolment_id: UUID
    kind: str = string()
    event: bool
    writer: str = string()
    author: str = string()
    role: str | None = string(default=None)
    corrects: UUID | None = None
    text: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    occurred_at: datetime = instant()
    written_at: datetime = instant()
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class NoteRead(Table, table=True):
    """Somebody read a note, for the first time."""

    __tablename__ = "note_read"
    __table_args__ = (
        ForeignKeyConstraint(*OF_PATIENT),
        ForeignKeyConstraint(["note_id"], ["note.id"]),
        UniqueConstraint("territory", "note_id", "person"),
        Index(None, "territory", "patient_id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    note_id: UUID
    person: str = string()
    read_at: datetime = instant()


class NoteFile(Table, table=True):
    """A file of a note: its name is sealed, and the blob is what the patient's key made of it."""

    __tablename__ = "note_file"
    __table_args__ = (
        ForeignKeyConstraint(*OF_PATIENT),
        ForeignKeyConstraint(["note_id"], ["note.id"]),
        Index(None, "note_id"),
        Index(None, "territory", "patient_id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID
    note_id: UUID
    name: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    media_type: str = string()
    size: int
    blob: str = string()
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class BlobToRemove(Table, table=True):
    """A file in the store that nothing refers to any more: a job removes it, and then this row."""

    __tablename__ = "blob_to_remove"

    blob: str = string(primary_key=True)
    territory: str = string()
    asked_at: datetime = instant()
