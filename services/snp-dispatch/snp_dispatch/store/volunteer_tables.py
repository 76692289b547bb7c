"""Tables of volunteers and of the offers made to them."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from snp_dispatch.store.base import Table, codes, instant, one_of


class Volunteer(Table, table=True):
    """A practitioner who agreed to be asked for needs that no slot fits, and when."""

    __table_args__ = (CheckConstraint("starts < ends", name="hours"),)

    territory: str = Field(primary_key=True, sa_type=Text)
    effector_id: str = Field(primary_key=True, sa_type=Text, foreign_key="effector.id")
    commune: str = Field(sa_type=Text)
    radius_km: float
    modes: list[str] = codes()
    weekdays: list[int] = Field(sa_type=ARRAY(SmallInteger))
    starts: time
    ends: time
    visit_minutes: int = Field(sa_type=SmallInteger)
    max_per_week: int = Field(sa_type=SmallInteger)
    stated_at: datetime = instant()


class VolunteerOffer(Table, table=True):
    """A waiting call offered to a volunteer, once each. Changed under the lock of its call only."""

    __tablename__ = "volunteer_offer"
    __table_args__ = (
        one_of("state", "state", "open", "accepted", "declined", "expired", "closed"),
        CheckConstraint("(booking_id IS NOT NULL) = (state = 'accepted')", name="booked"),
        Index("uq_volunteer_offer_asked", "call_id", "effector_id", unique=True),
        Index("ix_volunteer_offer_effector", "territory", "effector_id", "made_at", "id"),
        Index("ix_volunteer_offer_list", "territory", "made_at", "id"),
        Index("ix_volunteer_offer_open", "call_id", postgresql_where=text("state = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    call_id: UUID = Field(foreign_key="call.id")
    effector_id: str = Field(sa_type=Text, foreign_key="effector.id")
    terms: dict[str, Any] = Field(sa_type=JSONB, description="Parameters of the step of the ladder")
    commune: str = Field(sa_type=Text)
    distance_km: float | None = None
    modes: list[str] = codes()
    visit_minutes: int = Field(sa_type=SmallInteger)
    state: str = Field(sa_type=Text)
    version: int
    made_at: datetime = instant()
    expires_at: datetime = instant()
    ended_at: datetime | None = instant(default=None, nullable=True)
    reason: str | None = Field(default=None, sa_type=Text)
    booking_id: UUID | None = None
