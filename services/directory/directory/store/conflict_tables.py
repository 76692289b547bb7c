"""Comparisons of what a territory attests with what the national source says."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from directory.store.base import Table, instant, texts


class Conflict(Table, table=True):
    """The comparison of one statement with the national value, as last made: `open` when they differ. Tenant row.

    The versions are those of the two rows that were compared: when one moves, a job compares again.
    """

    __tablename__ = "conflict"
    __table_args__ = (
        CheckConstraint("state IN ('agrees', 'open', 'resolved')", "state"),
        UniqueConstraint("territory", "about", "kind", "place"),
        Index("ix_conflict_order", "territory", "state", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    about: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    place: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    attested: str = Field(sa_type=Text)
    attested_source: str = Field(sa_type=Text)
    attested_at: datetime = instant()
    national: list[str] = texts()
    national_at: datetime = instant()
    statement_version: int
    national_version: int
    raised_at: datetime | None = instant(nullable=True)
    kept: str | None = Field(sa_type=Text)
    reason: str | None = Field(sa_type=Text)
    resolved_at: datetime | None = instant(nullable=True)
    resolved_by: str | None = Field(sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
