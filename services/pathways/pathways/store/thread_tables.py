"""Exchanges between named professionals on a situation: threads, who takes part, messages, receipts, files."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from pathways.store.access_tables import OF_ENROLMENT, OF_PATIENT
from pathways.store.base import Table, instant, string


class Thread(Table, table=True):
    """An exchange. What is written is sealed with the key of its patient; without one with `wrapped`, its own."""

    __tablename__ = "thread"
    __table_args__ = (
        ForeignKeyConstraint(*OF_PATIENT),
        ForeignKeyConstraint(*OF_ENROLMENT),
        Index(None, "territory", "patient_id"),
        CheckConstraint("(patient_id IS NULL) = (enrolment_id IS NULL)", "enrolment"),
        CheckConstraint("(patient_id IS NULL) = (wrapped IS NOT NULL)", "key"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID | None = None
    enrolment_id: UUID | None = None
    subject: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    wrapped: bytes | None = Field(sa_column=Column(LargeBinary))
    opened_at: datetime = instant()
    closed_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class ThreadParticipant(Table, table=True):
    """Somebody who takes part, until they leave. `contact` is the name and the secure mailbox, sealed."""

    __tablename__ = "thread_participant"
    __table_args__ = (
        ForeignKeyConstraint(*OF_PATIENT),
        ForeignKeyConstraint(["thread_id"], ["thread.id"]),
        Index(
            "uq_thread_participant_standing",
            "territory",
            "thread_id",
            "person",
            unique=True,
            postgresql_where=text("left_at IS NULL"),
        ),
        Index("ix_thread_participant_person", "territory", "person", "thread_id"),
        Index(None, "territory", "patient_id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID | None = None
    thread_id: UUID
    person: str = string()
    contact: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    joined_at: datetime = instant()
    left_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class ThreadMessage(Table, table=True):
    """What somebody wrote; never changed."""

    __tablename__ = "thread_message"
    __table_args__ = (
        ForeignKeyConstraint(*OF_PATIENT),
        ForeignKeyConstraint(["thread_id"], ["thread.id"]),
        Index("ix_thread_message_thread", "territory", "thread_id", "id"),
        Index(None, "territory", "patient_id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID | None = None
    thread_id: UUID
    author: str = string()
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    written_at: datetime = instant()
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class ThreadRead(Table, table=True):
    """Somebody read a message, for the first time."""

    __tablename__ = "thread_read"
    __table_args__ = (
        ForeignKeyConstraint(*OF_PATIENT),
        ForeignKeyConstraint(["message_id"], ["thread_message.id"]),
        UniqueConstraint("territory", "message_id", "person"),
        Index(None, "territory", "patient_id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID | None = None
    message_id: UUID
    person: str = string()
    read_at: datetime = instant()


class ThreadFile(Table, table=True):
    """A file of a message: name and content are sealed."""

    __tablename__ = "thread_file"
    __table_args__ = (
        ForeignKeyConstraint(*OF_PATIENT),
        ForeignKeyConstraint(["message_id"], ["thread_message.id"]),
        Index(None, "message_id"),
        Index(None, "territory", "patient_id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    patient_id: UUID | None = None
    message_id: UUID
    name: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    media_type: str = string()
    size: int
    blob: str = string()
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()
