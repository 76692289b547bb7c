"""Minutes of meetings (*procès-verbaux*) and who signed them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from directory.store.base import Table, instant


class Minutes(Table, table=True):
    """The minutes of one meeting: free text by item until they are approved, then a number and the sealed files."""

    __tablename__ = "minutes"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'approved')", "state"),
        CheckConstraint("(state = 'approved') = (number IS NOT NULL)", "number"),
        UniqueConstraint("territory", "number", name="uq_minutes_number"),
    )

    territory: str = Field(sa_type=Text, primary_key=True)
    meeting_id: UUID = Field(primary_key=True)
    state: str = Field(sa_type=Text)
    number: int | None = None
    texts: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    approval: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    approved_at: datetime | None = instant(nullable=True)
    pdf_sha256: str | None = Field(default=None, sa_type=Text)
    pdf_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    html_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class MinutesSignature(Table, table=True):
    """An officer signed the minutes as they were in `text_version`; a later text asks for a new signature."""

    __tablename__ = "minutes_signature"

    territory: str = Field(sa_type=Text, primary_key=True)
    meeting_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    role: str = Field(sa_type=Text)
    text_version: int
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
