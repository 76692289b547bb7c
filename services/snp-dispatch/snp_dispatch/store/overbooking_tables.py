"""The table of extra seats: who gave them, and why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field

from snp_dispatch.store.base import Table, instant


class Overbooking(Table, table=True):
    """Someone gave a call an extra seat of a full slot. Rows are added, never changed or removed by the service."""

    __table_args__ = (
        Index("ix_overbooking_made_at", "territory", "made_at", "id"),
        Index("ix_overbooking_booking_id", "booking_id", unique=True),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    booking_id: UUID = Field(foreign_key="booking.id")
    call_id: UUID
    slot_id: UUID
    effector_id: str = Field(sa_type=Text, description="Whose agenda it is")
    made_at: datetime = instant()
    client: str = Field(sa_type=Text)
    role: str | None = Field(default=None, sa_type=Text)
    organisation: str | None = Field(default=None, sa_type=Text)
    rpps: str | None = Field(default=None, sa_type=Text)
    reason: str = Field(sa_type=Text)
    extra: int = Field(description="Extra patients of the slot, this one included")
    policy_version: str = Field(sa_type=Text, description="Of the policy whose limit allowed it")
