"""Versions of published lists."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from directory.store.base import Table, instant


class Publication(Table, table=True):
    """One version of a list, with its files. Nothing of it ever changes: requests may add and not update."""

    __tablename__ = "publication"
    __table_args__ = (Index("uq_publication_number", "territory", "list", "number", unique=True),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    list: str = Field(sa_type=Text)
    number: int
    title: str = Field(sa_type=Text)
    columns: Any = Field(sa_column=Column(JSONB, nullable=False))
    files: Any = Field(sa_column=Column(JSONB, nullable=False))
    row_count: int
    added: int
    gone: int
    changed: int
    previous_id: UUID | None
    published_at: datetime = instant()
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class PublicationRow(Table, table=True):
    """An entry of a version, as it was printed."""

    __tablename__ = "publication_row"

    territory: str = Field(sa_type=Text)
    publication_id: UUID = Field(primary_key=True, foreign_key="publication.id")
    position: int = Field(primary_key=True)
    key: str = Field(sa_type=Text)
    cells: Any = Field(sa_column=Column(JSONB, nullable=False))
