"""Metadata of the service: its own, with the plumbing tables of the kit, and what columns are made of."""

from typing import Any

from sqlalchemy import ARRAY, Column, DateTime, Index, MetaData, Text
from sqlmodel import Field, SQLModel

from kit.tables import NAMING, history, plumbing

metadata = MetaData(naming_convention=NAMING)
plumbing(metadata)
history(metadata)


class Table(SQLModel):
    """Base of the tables: text columns are `text`, constraint names follow the kit."""

    metadata = metadata


def texts() -> Any:
    """A column that holds a list of codes or words."""
    return Field(sa_column=Column(ARRAY(Text), nullable=False))


def instant(nullable: bool = False) -> Any:
    """A column of instants with offset."""
    return Field(sa_column=Column(DateTime(timezone=True), nullable=nullable))


def trigrams(table: str) -> Index:
    """Finds ` prefix` of any word of a normalised name, and names that are only similar."""
    return Index(
        f"ix_{table}_search_name", "search_name", postgresql_using="gin", postgresql_ops={"search_name": "gin_trgm_ops"}
    )
