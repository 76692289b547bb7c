"""What tenant rows were: one line a change, added by the database itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Identity, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from directory.store.base import Table, instant


class Change(Table, table=True):
    """A change of a tenant row: who, when, before and after. `entity` is the table, `key` names the row in it.

    Written by the trigger of the table (kit/ddl.py `history`), never by a request: nothing changes untold.
    """

    __tablename__ = "change"
    __table_args__ = (
        Index("ix_change_row", "territory", "entity", "key", "version"),
        Index("ix_change_recent", "territory", "id"),
    )

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    territory: str = Field(sa_type=Text)
    entity: str = Field(sa_type=Text)
    key: str = Field(sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
    before: dict[str, Any] | None = Field(sa_column=Column(JSONB))
    after: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
