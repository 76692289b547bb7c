"""What the routes on documents and convocations of meetings answer."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from directory.domain.meeting_documents import DocumentKind


class DocumentOut(BaseModel):
    """A document. It never changes; `sha256` is what a ballot about it shows."""

    id: UUID
    kind: DocumentKind
    edition: int = Field(description="Of the documents of this kind of the meeting, from 1")
    name: str
    media_type: str
    size: int = Field(description="Bytes")
    sha256: str
    withdrawn_at: datetime | None


class ConvocationOut(BaseModel):
    """A convocation that was sent. Who is `unreachable` (members) has no confirmed channel: write by post."""

    id: UUID
    sent_at: datetime
    notice_days: int = Field(description="Clear days before the meeting")
    asked_days: int | None = Field(description="By the rules of the territory; null: none are asked")
    late: bool
    written: int
    unreachable: list[UUID]
    rules_version: str
