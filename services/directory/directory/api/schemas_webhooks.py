"""What the routes on webhooks take and answer."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from directory.api.schemas_messages import ChannelOut, DeliveryState, OwnerIn, Purposes, Stated, channel_out
from kit import outbound
from kit.work import Record

EventName = Annotated[str, StringConstraints(pattern=r"^[a-z-]{1,40}(\.[a-z_]{1,40}){0,2}$")]
Events = Annotated[
    list[EventName],
    Field(
        max_length=50,
        description="Names, or beginnings of them (`snp-dispatch.booking`); see /v1/webhook-events",
    ),
]


class WebhookIn(Stated):
    """A server that wants to be told. What is told is signed (Standard Webhooks)."""

    owner: OwnerIn = Field(examples=[{"kind": "partner", "id": "CHIRC"}])
    address: str = Field(
        min_length=3,
        max_length=outbound.LONGEST,
        description="https, port 443, a public server. Kept sealed, never answered, never logged",
        examples=["https://hooks.example.org/cpts"],
    )
    events: Events = Field(default=[], examples=[["snp-dispatch.booking", "snp-dispatch.call.not_seen"]])
    purposes: Purposes = Field(default=[], description="Messages that go here too, without attachments")
    thin: bool = Field(default=False, description="Only id, source and type of an event; its content is asked for")


class WebhookChange(Stated):
    """What is not given stays. Purposes, pause and end are those of its channel (`/v1/channels/{id}`)."""

    events: Events | None = None
    thin: bool | None = None


class WebhookOut(ChannelOut):
    """A webhook without its address and secret."""

    events: list[str]
    thin: bool
    old_secret_until: datetime | None = Field(description="Until when the secret before signs as well")
    failures: int = Field(description="Failed attempts in a row; the endpoint rests longer after each")
    failing_since: datetime | None


class OpenedOut(WebhookOut):
    """With the secret, which is shown this once."""

    secret: str = Field(description="`whsec_` and base64: what verifies signatures", examples=["whsec_c2VjcmV0"])


class WebhookEventOut(BaseModel):
    """An event that the caller may subscribe to."""

    name: str
    own: bool = Field(description="A professional or structure may have it too, when it names them")


class AttemptOut(BaseModel):
    """One attempt. `outcome` null: begun and never ended, so it may have arrived."""

    number: int
    at: datetime
    outcome: str | None = Field(examples=["delivered", "status", "timeout"])
    status: int | None = Field(description="HTTP status of the answer")
    milliseconds: int | None
    excerpt: str | None = Field(description="Beginning of the answer")


class DeliveryOut(BaseModel):
    """One thing to bring to the webhook."""

    id: UUID
    webhook_id: UUID = Field(description="The header `webhook-id`: the same for each attempt and replay")
    type: str
    state: DeliveryState
    created_at: datetime
    ended_at: datetime | None
    next_at: datetime | None = Field(description="When it is tried again")
    attempts: list[AttemptOut]


class DeliveryBodyOut(DeliveryOut):
    """With what is sent; null for a message, whose text is sealed."""

    body: str | None


class ReplayIn(Stated):
    """Events of a time, once more."""

    since: AwareDatetime = Field(examples=["2026-11-22T08:00:00+01:00"])
    until: AwareDatetime = Field(examples=["2026-11-22T12:00:00+01:00"])
    states: list[Literal["delivered", "failed"]] = Field(default=["failed"], min_length=1, max_length=2)

    @model_validator(mode="after")
    def _forward(self) -> "ReplayIn":
        if self.until <= self.since:
            raise ValueError("until is after since")
        return self


class ReplayOut(BaseModel):
    """How many deliveries are queued again, at most 10,000 at once."""

    queued: int


def webhook_out(row: Record) -> WebhookOut:
    own = {name: row[name] for name in ("events", "thin", "old_secret_until", "failures", "failing_since")}
    return WebhookOut(**channel_out(row).model_dump(), **own)


def delivery_out(row: Record, attempts: list[Record]) -> DeliveryOut:
    names = ("number", "at", "outcome", "status", "milliseconds", "excerpt")
    return DeliveryOut(
        id=row["id"],
        webhook_id=row["event_id"] or row["message_id"] or row["id"],
        type=row["type"],
        state=row["state"],
        created_at=row["created_at"],
        ended_at=row["ended_at"],
        next_at=row["next_at"] if row["state"] == "queued" else None,
        attempts=[AttemptOut(**{name: it[name] for name in names}) for it in attempts],
    )


def body_out(found: tuple[Record, list[Record]]) -> DeliveryBodyOut:
    row, attempts = found
    return DeliveryBodyOut(**delivery_out(row, attempts).model_dump(), body=row["body"])
