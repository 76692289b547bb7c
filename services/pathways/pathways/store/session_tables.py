"""Tables of group sessions: planned and held, who is invited, who came, their documents. Tenant rows, with history."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from pathways.store.base import Table, instant, string


class Session(Table, table=True):
    """A session. `codes_version` is that of the words (kinds, topics, themes) which it was planned with."""

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'held', 'cancelled')", "state"),
        CheckConstraint("starts_at < ends_at", "period"),
        UniqueConstraint("territory", "id"),
        Index("ix_session_list", "territory", "starts_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    kind: str = string()
    topic: str | None = string(default=None)
    theme: str | None = string(default=None)
    title: str = string()
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    place: str | None = string(default=None)
    capacity: int | None
    state: str = string()
    cancel_reason: str | None = string(default=None)
    codes_version: str = string()
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class Invitation(Table, table=True):
    """A professional who is invited to a session, and what they answered."""

    __tablename__ = "session_invitation"
    __table_args__ = (
        CheckConstraint("state IN ('invited', 'accepted', 'declined', 'withdrawn')", "state"),
        UniqueConstraint("territory", "session_id", "rpps"),
        Index("ix_session_invitation_rpps", "territory", "rpps", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    session_id: UUID = Field(foreign_key="session.id")
    rpps: str = string()
    state: str = string()
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class Attendance(Table, table=True):
    """A line of the attendance sheet. A name, where there is one, is sealed; `removed_at` when the sheet was corrected.

    `people`: a line may stand for several of whom nobody's name is kept (the public, a class).
    """

    __tablename__ = "attendance"
    __table_args__ = (
        CheckConstraint("audience IN ('professional', 'student', 'patient', 'carer', 'partner', 'public')", "audience"),
        CheckConstraint("people >= 1", "people"),
        Index("ix_attendance_session", "territory", "session_id", "id"),
        Index(
            "uq_attendance_rpps",
            "session_id",
            "rpps",
            unique=True,
            postgresql_where=text("rpps IS NOT NULL AND removed_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    session_id: UUID = Field(foreign_key="session.id")
    audience: str = string()
    rpps: str | None = string(default=None)
    profession: str | None = string(default=None)
    sealed: bytes | None = Field(sa_column=Column(LargeBinary))
    speaker: bool
    people: int
    removed_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class SessionDocument(Table, table=True):
    """A file of a session: programme, slides, signed sheet, minutes."""

    __tablename__ = "session_document"
    __table_args__ = (Index("ix_session_document_session", "territory", "session_id", "id"),)

    id: UUID = Field(primary_key=True)
    territory: str = string()
    session_id: UUID = Field(foreign_key="session.id")
    kind: str = string()
    name: str = string()
    media_type: str = string()
    size: int
    sha256: str = string()
    blob: str = string()
    withdrawn_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()
