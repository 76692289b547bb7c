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
