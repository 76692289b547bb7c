"""What a territory attests about professionals and structures."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from directory.store.base import Table, instant, texts


class Statement(Table, table=True):
    """What is said of `about` (RPPS or FINESS): one row a kind and place, the last word stands. Tenant row.

    It counts until `valid_until` (null: no end) unless it was withdrawn. `codes` is what it is found by: the codes
    said, or yes/no. `place` is the commune that it is said of, empty for all. `lapsed_at`: the job told that it lapsed.
    """

    __tablename__ = "statement"
    __table_args__ = (
        Index("ix_statement_found", "territory", "kind", "about"),
        Index(
            "ix_statement_lapsing",
            "valid_until",
            postgresql_where=text("withdrawn_at IS NULL AND lapsed_at IS NULL AND valid_until IS NOT NULL"),
        ),
    )

    territory: str = Field(sa_type=Text, primary_key=True)
    about: str = Field(sa_type=Text, primary_key=True)
    kind: str = Field(sa_type=Text, primary_key=True)
    place: str = Field(sa_type=Text, primary_key=True)
    value: Any = Field(sa_column=Column(JSONB, nullable=False))
    codes: list[str] = texts()
    source: str = Field(sa_type=Text)
    kinds_version: str = Field(sa_type=Text)
    declared_at: datetime = instant()
    declared_by: str = Field(sa_type=Text)
    valid_until: datetime | None = instant(nullable=True)
    withdrawn_at: datetime | None = instant(nullable=True)
    lapsed_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
