"""The plumbing tables that every service has in its own database, and the naming of constraints."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraint names that migrations can rely on."""


def plumbing(metadata: MetaData) -> None:
    """Adds the plumbing tables to a service's metadata, so that its migrations own them."""
    _outbox(metadata)
    _inbox(metadata)
    _idempotency(metadata)
    _job_run(metadata)


def history(metadata: MetaData) -> None:
    """Adds `change`, a line for each change of a tenant row: who, when, before and after (kit/ddl.py `history`).

    `entity` is the table, `key` names the row in it. The database writes it, never a request.
    """
    Table(
        "change",
        metadata,
        Column("id", BigInteger, Identity(always=True), nullable=False),
        *(Column(name, Text, nullable=False) for name in ("territory", "entity", "key")),
        Column("version", Integer, nullable=False),
        Column("changed_at", DateTime(timezone=True), nullable=False),
        Column("changed_by", Text, nullable=False),
        Column("before", JSONB),
        Column("after", JSONB, nullable=False),
        PrimaryKeyConstraint("id"),
        Index("ix_change_row", "territory", "entity", "key", "version"),
        Index("ix_change_recent", "territory", "id"),
    )


def _outbox(metadata: MetaData) -> None:
    Table(
        "outbox",
        metadata,
        Column("id", Uuid, nullable=False),
        Column("seq", BigInteger, Identity(always=True), nullable=False),
        Column("territory", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("subject", Text, nullable=False),
        Column("body", Text, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False),
        Column("sent_at", DateTime(timezone=True)),
        PrimaryKeyConstraint("id"),
        Index("ix_outbox_unsent", "seq", postgresql_where=text("sent_at IS NULL")),
    )
    # What was produced per type and day: a consumer compares it with what it has (reconciliation).
    Table(
        "outbox_daily",
        metadata,
        Column("day", Date, nullable=False),
        Column("territory", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("sent", BigInteger, nullable=False),
        PrimaryKeyConstraint("day", "territory", "type"),
    )


def _inbox(metadata: MetaData) -> None:
    Table(
        "inbox",
        metadata,
        Column("consumer", Text, nullable=False),
        Column("event_id", Text, nullable=False),
        Column("handled_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
        Column("dead_reason", Text),
        PrimaryKeyConstraint("consumer", "event_id"),
    )


def _idempotency(metadata: MetaData) -> None:
    Table(
        "idempotency",
        metadata,
        Column("territory", Text, nullable=False),
        Column("client", Text, nullable=False),
        Column("route", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("status", SmallInteger),
        Column("body", LargeBinary),
        Column("created_at", DateTime(timezone=True), nullable=False),
        PrimaryKeyConstraint("territory", "client", "route", "key"),
        Index("ix_idempotency_created_at", "created_at"),
    )


def _job_run(metadata: MetaData) -> None:
    Table(
        "job_run",
        metadata,
        Column("name", Text, nullable=False),
        Column("due_at", DateTime(timezone=True), nullable=False),
        Column("last_started_at", DateTime(timezone=True)),
        Column("last_result", Integer),
        Column("failing", Boolean, nullable=False, server_default=text("false")),
        PrimaryKeyConstraint("name"),
    )
