"""Campaigns that ask who accepts new patients, and whom they asked."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, Index, Integer, Text, text
from sqlmodel import Field

from directory.store.base import Table, instant, texts


class Campaign(Table, table=True):
    """One question to many, over some weeks. What it asks and of whom is frozen here when it is made."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'open', 'closed', 'cancelled')", "state"),
        Index("uq_campaign_period", "territory", "period", unique=True, postgresql_where=text("state <> 'cancelled'")),
        Index("ix_campaign_open", "closes_on", postgresql_where=text("state = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    period: str = Field(sa_type=Text)
    opens_on: date
    closes_on: date
    state: str = Field(sa_type=Text)
    question: str = Field(sa_type=Text)
    rules_version: str = Field(sa_type=Text)
    specialties: list[str] = texts()
    modes: list[str] = texts()
    sectors: list[str] = texts()
    reminder_days: list[int] = Field(sa_column=Column(ARRAY(Integer), nullable=False))
    holds_days: int
    added: list[str] = texts()
    left_out: list[str] = texts()
    created_at: datetime = instant()
    started_at: datetime | None = instant(nullable=True)
    closed_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class Invitation(Table, table=True):
    """One professional whom a campaign asks. `rounds` counts the messages that were due: the first, then reminders."""

    __tablename__ = "invitation"
    __table_args__ = (
        Index("uq_invitation_person", "territory", "campaign_id", "rpps", unique=True),
        Index("ix_invitation_waiting", "campaign_id", postgresql_where=text("answered_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    campaign_id: UUID = Field(foreign_key="campaign.id")
    rpps: str = Field(sa_type=Text, foreign_key="professional.rpps")
    profession: str = Field(sa_type=Text)
    commune: str | None = Field(sa_type=Text)
    rounds: int
    reachable: bool | None
    sent_at: datetime | None = instant(nullable=True)
    reminded_at: datetime | None = instant(nullable=True)
    answered_at: datetime | None = instant(nullable=True)
    answered_by: str | None = Field(sa_type=Text)
    accepts: bool | None
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
