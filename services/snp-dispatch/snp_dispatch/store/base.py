"""Metadata of the service: its own, with the plumbing tables of the kit."""

from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, DateTime, Index, MetaData, Text, text
from sqlmodel import Field, SQLModel

from kit.tables import NAMING, plumbing


class Table(SQLModel):
    """Base of the service's tables (`SQLModel.metadata` would be shared with every other service)."""

    metadata = MetaData(naming_convention=NAMING)


plumbing(Table.metadata)
_outbox = Table.metadata.tables["outbox"]
_outbox.append_column(
    Column("xid", BigInteger, nullable=False, server_default=text("(pg_current_xact_id()::text::bigint)"))
)
# The story of calls, by territory and by call (store/statuses.py). Slots are told by the thousand: not of it.
_OF_CALLS = text("type NOT LIKE 'fr.cpts.snp-dispatch.slot.%'")
Index("ix_outbox_statuses", _outbox.c.territory, _outbox.c.xid, _outbox.c.seq, postgresql_where=_OF_CALLS)
Index(
    "ix_outbox_call",
    text("((body::jsonb #>> '{data,call_id}'::text[]))"),
    _outbox.c.xid,
    _outbox.c.seq,
    postgresql_where=_OF_CALLS,
)


def instant(**options: Any) -> Any:
    """A column of instants with offset."""
    return Field(sa_type=DateTime(timezone=True), **options)


def codes() -> Any:
    """A column that holds a list of codes."""
    return Field(sa_type=ARRAY(Text))


def no_codes() -> Any:
    """A column that holds a list of codes, empty when nothing is said."""
    return Field(sa_column=Column(ARRAY(Text), nullable=False, server_default=text("'{}'")))


def one_of(name: str, column: str, *values: str) -> CheckConstraint:
    """A check that a column holds one of some codes."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=name)
