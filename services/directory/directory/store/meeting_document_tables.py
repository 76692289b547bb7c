"""Documents of meetings, and convocations sent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, Index, Text, UniqueConstraint, Uuid
from sqlmodel import Field

from directory.store.base import Table, instant


class MeetingDocument(Table, table=True):
    """A file put before a meeting. It never changes: a new text is a new edition; a wrong one is withdrawn."""

    __tablename__ = "meeting_document"
    __table_args__ = (
        CheckConstraint("kind IN ('convocation', 'accounts', 'budget', 'report', 'minutes', 'other')", "kind"),
        UniqueConstraint("territory", "meeting_id", "kind", "edition", name="uq_meeting_document_edition"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    meeting_id: UUID
    kind: str = Field(sa_type=Text)
    edition: int
    name: str = Field(sa_type=Text)
    media_type: str = Field(sa_type=Text)
    size: int
    sha256: str = Field(sa_type=Text)
    blob: str = Field(sa_type=Text)
    withdrawn_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class Convocation(Table, table=True):
    """A convocation that was sent, and whom it could not reach: they are written to by post."""

    __tablename__ = "convocation"
    __table_args__ = (Index("ix_convocation_meeting", "territory", "meeting_id", "id"),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    meeting_id: UUID
    sent_at: datetime = instant()
    notice_days: int
    asked_days: int | None = None
    late: bool
    written: int
    unreachable: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    rules_version: str = Field(sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
