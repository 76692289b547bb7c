"""Tables of what happens when no slot fits."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text
from sqlmodel import Field

from snp_dispatch.store.base import Table, instant


class SeatOffer(Table, table=True):
    """A seat that freed was kept for a waiting call: a hold that its caller accepts without a token."""

    __tablename__ = "seat_offer"
    __table_args__ = (Index("ix_seat_offer_call", "call_id", "offered_at"),)

    hold_id: UUID = Field(primary_key=True, foreign_key="hold.id")
    territory: str = Field(sa_type=Text)
    call_id: UUID = Field(foreign_key="call.id")
    slot_id: UUID = Field(foreign_key="slot.id")
    offered_at: datetime = instant()
    expires_at: datetime = instant()
