"""Tables of call-ups of volunteers (*appels à volontaires*), and of whom each calls. Tenant rows, with history."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from directory.store.base import Table, instant, texts


class CallUp(Table, table=True):
    """Whom it calls, how many are wanted, when. `wave` counts those sent; `next_wave_at` is when to look again."""

    __tablename__ = "call_up"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'open', 'closed')", "state"),
        CheckConstraint("needed_from < needed_until", "period"),
        Index("ix_call_up_list", "territory", "id"),
        Index("ix_call_up_due", "next_wave_at", postgresql_where=text("state = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    professions: list[str] = texts()
    specialties: list[str] = texts()
    capabilities: list[str] = texts()
    commune: str = Field(sa_type=Text)
    radius_km: float
    wanted: int
    wave_size: int
    wave_minutes: int
    needed_from: datetime = instant()
    needed_until: datetime = instant()
    roster_id: UUID | None = Field(foreign_key="roster.id")
    activation_id: UUID | None = Field(foreign_key="crisis_activation.id")
    state: str = Field(sa_type=Text)
    wave: int
    next_wave_at: datetime | None = instant(nullable=True)
    started_at: datetime | None = instant(nullable=True)
    closed_at: datetime | None = instant(nullable=True)
    not_called: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    codes_version: str = Field(sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class CallUpPerson(Table, table=True):
    """One professional whom a call-up calls; `rank` is their place, the nearest first."""

    __tablename__ = "call_up_person"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'asked', 'to_phone')", "state"),
        UniqueConstraint("call_up_id", "rpps", name="uq_call_up_person_call_up_id"),
        Index("ix_call_up_person_order", "call_up_id", "state", "rank"),
        Index("ix_call_up_person_rpps", "territory", "rpps"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    call_up_id: UUID = Field(foreign_key="call_up.id")
    rpps: str = Field(sa_type=Text, foreign_key="professional.rpps")
    profession: str = Field(sa_type=Text)
    metres: int
    rank: int
    state: str = Field(sa_type=Text)
    wave: int | None
    asked_at: datetime | None = instant(nullable=True)
    available: bool | None
    available_from: datetime | None = instant(nullable=True)
    available_until: datetime | None = instant(nullable=True)
    answered_at: datetime | None = instant(nullable=True)
    answered_by: str | None = Field(sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
