"""What the routes on channels, messages and deliveries take and answer."""

import re
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from directory.api.params import FINESS_PATTERN, RPPS_PATTERN
from directory.domain.channels import ChannelKind, ChannelState
from directory.domain.messages import OwnerKind, Purpose
from kit import outbound
from kit.answers import filled
from kit.work import Record

PARTNER_PATTERN = r"^[A-Za-zÀ-ÖØ-öø-ÿ0-9][A-Za-zÀ-ÖØ-öø-ÿ0-9 '._-]{0,79}$"
_PATTERNS = {"rpps": RPPS_PATTERN, "finess": FINESS_PATTERN, "partner": PARTNER_PATTERN}

Purposes = Annotated[list[Purpose], Field(max_length=10, description="What may be sent here")]
MessageState = Literal["unreachable", "queued", "delivered", "failed", "cancelled"]
DeliveryState = Literal["queued", "delivered", "failed", "cancelled"]


class Stated(BaseModel):
    """Base of what comes in: an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OwnerIn(Stated):
    """Whose channel: an RPPS number, a FINESS number, or a partner's name (that of `organisation` in its tokens)."""

    kind: OwnerKind
    id: Annotated[str, StringConstraints(min_length=1, max_length=80)] = Field(examples=["99000000093"])

    @model_validator(mode="after")
    def _number(self) -> "OwnerIn":
        if not re.fullmatch(_PATTERNS[self.kind], self.id):
            raise ValueError(f"not an id of this kind ({self.kind})")
        return self


class OwnerOut(BaseModel):
    """Whose channel."""

    kind: str
    id: str


class ChannelIn(Stated):
    """How somebody wants to be told. Webhooks have a route of their own."""

    owner: OwnerIn
    kind: Literal["email", "icalendar"]
    address: str = Field(
        min_length=3,
        max_length=outbound.LONGEST,
        description="E-mail address, or https link to an agenda. Kept sealed, never answered, never logged",
        examples=["cabinet@example.org"],
    )
    purposes: Purposes = Field(default=[], examples=[["campaigns", "publications"]])


class ChannelChange(Stated):
    """What is not given stays."""

    purposes: Purposes | None = None
    paused: bool | None = Field(default=None, description="While paused, what is sent waits")


class ChannelOut(BaseModel):
    """A channel without its address."""

    id: UUID
    owner: OwnerOut
    kind: ChannelKind
    hint: str = Field(description="What may be shown of the address: first letter and domain, or host")
    purposes: list[str]
    state: ChannelState = Field(description="Only an `active` channel is written to")
    created_at: datetime
    verified_at: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None = Field(description="Of a webhook: `failing` for too long, or `gone` (answered 410)")
    ended_at: datetime | None
    version: int
    changed_at: datetime
    changed_by: str


class MessageOut(BaseModel):
    """What was said to whom, and what became of it. Never the text or the address."""

    id: UUID
    kind: str
    purpose: str | None
    recipient: OwnerOut
    batch: UUID | None = Field(description="What was sent together, for instance a newsletter")
    created_at: datetime
    created_by: str
    state: MessageState = Field(description="`unreachable`: the recipient has no confirmed channel for this purpose")
    attempts: int
    delivered_at: datetime | None
    next_at: datetime | None = Field(description="When it is tried again")


class QueueOut(BaseModel):
    """What waits or was given up."""

    channel: ChannelKind
    state: DeliveryState
    count: int
    oldest: datetime


class QueuesOut(BaseModel):
    """Everything that waits on the territory, and why nothing leaves when that is so."""

    queues: list[QueueOut]
    email_held: str | None = Field(description="Why no e-mail leaves, null when they do")


def channel_out(row: Record) -> ChannelOut:
    return filled(ChannelOut, row, owner=OwnerOut(kind=row["owner_kind"], id=row["owner"]), state=state_of(row))


def state_of(row: Record) -> ChannelState:
    if row["ended_at"] is not None:
        return "ended"
    if row["disabled_at"] is not None:
        return "disabled"
    if row["verified_at"] is None:
        return "unconfirmed"
    return "paused" if row["paused"] else "active"


def message_out(row: Record) -> MessageOut:
    return MessageOut(
        id=row["id"],
        kind=row["kind"],
        purpose=row["purpose"],
        recipient=OwnerOut(kind=row["owner_kind"], id=row["owner"]),
        batch=row["batch"],
        created_at=row["created_at"],
        created_by=row["changed_by"],
        state=row["state"],
        attempts=row["attempts"] or 0,
        delivered_at=row["delivered_at"],
        next_at=row["next_at"],
    )
