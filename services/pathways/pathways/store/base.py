"""What the tables have in common. Every table is a tenant's: it carries its territory and has row-level security."""

from typing import Any

from sqlalchemy import Column, DateTime, MetaData, Text
from sqlmodel import Field, SQLModel

from kit.tables import NAMING, history, plumbing

metadata = MetaData(naming_convention=NAMING)
plumbing(metadata)
history(metadata)


def instant(nullable: bool = False) -> Any:
    return Field(sa_column=Column(DateTime(timezone=True), nullable=nullable))


def string(**options: Any) -> Any:
    return Field(sa_type=Text, **options)


class Table(SQLModel):
    """Base of the tables: text columns are `text`, constraint names follow the kit."""

    metadata = metadata
