"""Who accepts new patients, per territory."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from directory.store.base import Table, instant, texts


class Acceptance(Table, table=True):
    """A professional accepts new patients on a territory, or does not. Tenant row; `version` counts its changes.

    It holds to the end of the day `valid_until` in Paris, whatever the job does that sets `lapsed_at`.
    """

    __tablename__ = "acceptance"
    __table_args__ = (
        CheckConstraint("source IN ('self', 'coordinator', 'phone', 'link')", "source"),
        Index("ix_acceptance_running", "valid_until", postgresql_where=text("lapsed_at IS NULL")),
    )

    territory: str = Field(sa_type=Text, primary_key=True)
    rpps: str = Field(sa_type=Text, primary_key=True, foreign_key="professional.rpps")
    accepts: bool
    capacity: int | None
    patients: list[str] = texts()
    valid_until: date
    source: str = Field(sa_type=Text)
    campaign_id: UUID | None
    rules_version: str = Field(sa_type=Text)
    declared_at: datetime = instant()
    lapsed_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class AcceptanceCount(Table, table=True):
    """General practitioners of the territory on a day, and those who accepted new patients; kept when it changed."""

    __tablename__ = "acceptance_count"
    __table_args__ = (Index("uq_acceptance_count_day", "territory", "day", unique=True),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    day: date
    general_practitioners: list[str] = texts()
    accepting: list[str] = texts()
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
