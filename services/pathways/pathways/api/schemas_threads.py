"""What is said and answered of exchanges."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from pathways.api.fields import Body, Line, Rpps
from pathways.api.schemas_care_plans import Mailbox
from pathways.usecases.exchange import Contact, NewParticipant

MessageText = Annotated[
    str, StringConstraints(min_length=1, max_length=10_000, pattern=r"^[^\x00]*[^\x00-\x20][^\x00]*$")
]


class ContactIn(Body):
    """A name, and a secure mailbox (MSSanté) as the directory publishes it."""

    name: Line | None = None
    secure_mailbox: Mailbox | None = None

    def contact(self) -> Contact:
        return Contact(self.name, self.secure_mailbox)


class ParticipantIn(ContactIn):
    """A professional, by RPPS number or by account."""

    rpps: Rpps | None = None
    account: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20]{1,120}$")] | None = None

    @model_validator(mode="after")
    def _one_name(self) -> "ParticipantIn":
        if (self.rpps is None) is (self.account is None):
            raise ValueError("rpps or account, one of them")
        return self

    def new(self) -> NewParticipant:
        """For the use case."""
        return NewParticipant(f"rpps:{self.rpps}" if self.rpps else f"sub:{self.account}", self.contact())


class ThreadIn(Body):
    """An exchange. Without `enrolment_id` it is on a situation: write no name and no birth date."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"subject": "Plaie chronique", "participants": [{"rpps": "99000000093"}]}]},
    )

    subject: Line
    enrolment_id: UUID | None = None
    me: ContactIn = ContactIn()
    participants: list[ParticipantIn] = Field(min_length=1, max_length=49)


class ThreadMadeOut(BaseModel):
    """An exchange without what is written."""

    id: UUID
    patient_id: UUID | None
    enrolment_id: UUID | None
    opened_at: datetime
    closed_at: datetime | None
    version: int


class ListedThreadOut(ThreadMadeOut):
    """With how many messages the caller has not read."""

    subject: str
    unread: int


class ParticipantMadeOut(BaseModel):
    """Who takes part, or did."""

    id: UUID
    person: str
    joined_at: datetime
    left_at: datetime | None


class ParticipantOut(ParticipantMadeOut):
    """With name and secure mailbox."""

    name: str | None
    secure_mailbox: str | None


class ThreadOut(ListedThreadOut):
    """An exchange and who takes part."""

    participants: list[ParticipantOut]


class MessageIn(Body):
    """A message."""

    text: MessageText


class MessageMadeOut(BaseModel):
    """A message without its text: answers of requests are kept for a day."""

    id: UUID
    thread_id: UUID
    author: str
    written_at: datetime


class MessageFileMadeOut(BaseModel):
    """A file without its name."""

    id: UUID
    message_id: UUID
    media_type: str
    size: int


class MessageFileOut(MessageFileMadeOut):
    """A file of a message."""

    name: str


class ReceiptOut(BaseModel):
    """Who read it, and when first."""

    person: str
    read_at: datetime


class MessageOut(MessageMadeOut):
    """A message."""

    text: str
    files: list[MessageFileOut]
    readers: list[ReceiptOut]


class MessagesReadIn(Body):
    """Messages that one has read."""

    message_ids: list[UUID] = Field(min_length=1, max_length=200)


class ThreadUnreadOut(BaseModel):
    """How many are left."""

    unread: int
