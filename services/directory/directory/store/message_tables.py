"""Who is told how, what was said, and each attempt to say it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, LargeBinary, Text, text
from sqlmodel import Field

from directory.store.base import Table, instant, texts


class Channel(Table, table=True):
    """How somebody wants to be told. The address is sealed; `digest` (keyed) finds the same one again."""

    __tablename__ = "channel"
    __table_args__ = (
        Index("ix_channel_owner", "territory", "owner_kind", "owner"),
        Index(
            "uq_channel_address", "territory", "owner_kind", "owner", "digest",
            unique=True, postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_channel_token", "token_digest", postgresql_where=text("token_digest IS NOT NULL")),
        CheckConstraint("kind IN ('email', 'webhook', 'icalendar')", name="kind"),
        CheckConstraint("owner_kind IN ('rpps', 'finess', 'partner')", name="owner_kind"),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    owner_kind: str = Field(sa_type=Text)
    owner: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    digest: bytes = Field(sa_type=LargeBinary)
    hint: str = Field(sa_type=Text)
    purposes: list[str] = texts()
    token_digest: bytes | None = Field(sa_type=LargeBinary)
    token_until: datetime | None = instant(nullable=True)
    created_at: datetime = instant()
    verified_at: datetime | None = instant(nullable=True)
    paused: bool
    disabled_at: datetime | None = instant(nullable=True)
    disabled_reason: str | None = Field(sa_type=Text)
    ended_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class Webhook(Table, table=True):
    """What a webhook channel asked for, what it may see, and its signing secrets (sealed)."""

    __tablename__ = "webhook"

    channel_id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    events: list[str] = texts()
    scopes: list[str] = texts()
    thin: bool
    secret: bytes = Field(sa_type=LargeBinary)
    old_secret: bytes | None = Field(sa_type=LargeBinary)
    old_secret_until: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class Lane(Table, table=True):
    """The queue of one webhook: who holds `next_at` sends; an endpoint that is ill rests until then."""

    __tablename__ = "lane"

    channel_id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    next_at: datetime = instant()
    failures: int
    failing_since: datetime | None = instant(nullable=True)


class MessageRow(Table, table=True):
    """What was said to somebody. The content is sealed (it may hold a personal link) and forgotten after a time."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_recent", "territory", "id"),
        Index("ix_message_recipient", "territory", "owner_kind", "owner", "id"),
        Index("ix_message_batch", "territory", "batch", postgresql_where=text("batch IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    purpose: str | None = Field(sa_type=Text)
    owner_kind: str = Field(sa_type=Text)
    owner: str = Field(sa_type=Text)
    batch: UUID | None
    sealed: bytes | None = Field(sa_type=LargeBinary)
    created_at: datetime = instant()
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class Delivery(Table, table=True):
    """One thing to bring to one address. `next_at` is also the lease of who is bringing it.

    `tries` counts since it was queued, `attempts` for ever (a replay begins the tries again).
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "uq_delivery_event", "channel_id", "event_id", unique=True, postgresql_where=text("event_id IS NOT NULL")
        ),
        Index("ix_delivery_email", "next_at", postgresql_where=text("state = 'queued' AND lane = 'email'")),
        Index("ix_delivery_webhook", "channel_id", "seq", postgresql_where=text("state = 'queued'")),
        Index("ix_delivery_message", "message_id", postgresql_where=text("message_id IS NOT NULL")),
        Index("ix_delivery_channel", "territory", "channel_id", "seq"),
        CheckConstraint("state IN ('queued', 'delivered', 'failed', 'cancelled')", name="state"),
    )

    id: UUID = Field(primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, Identity(always=True), nullable=False))
    territory: str = Field(sa_type=Text)
    lane: str = Field(sa_type=Text)
    channel_id: UUID | None
    sealed: bytes | None = Field(sa_type=LargeBinary)
    message_id: UUID | None
    event_id: UUID | None
    type: str = Field(sa_type=Text)
    body: str | None = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    tries: int
    attempts: int
    next_at: datetime = instant()
    created_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)


class Attempt(Table, table=True):
    """One attempt. `outcome` null: it was begun and never ended (the process died), so it may have arrived."""

    __tablename__ = "attempt"

    delivery_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    at: datetime = instant()
    outcome: str | None = Field(sa_type=Text)
    status: int | None
    milliseconds: int | None
    excerpt: str | None = Field(sa_type=Text)
