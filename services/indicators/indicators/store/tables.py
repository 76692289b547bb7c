"""Facts, and the projections that are a pure function of them. Every row belongs to a territory.

`told_from` and `told_until` of a projection are the instants between which the facts of its own aggregate lie, so that
they are looked for in the months in which they can be.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, Column, DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from indicators.store.base import Table


def _instant(nullable: bool = False) -> Any:
    return Field(default=None, sa_type=DateTime(timezone=True), nullable=nullable)


class FactRow(Table, table=True):
    """One event, kept for ever, written once and never changed. `arrived_at` is when it came here.

    In a partition a month of `occurred_at`, which therefore belongs to the key (docs/adr/0049).
    """

    __tablename__ = "fact"
    __table_args__: ClassVar[tuple[Index | dict[str, str], ...]] = (
        Index("ix_fact_territory_kind_occurred_at", "territory", "kind", "occurred_at"),
        Index("ix_fact_slot", "territory", "slot_id", "kind", postgresql_where=text("slot_id IS NOT NULL")),
        Index("ix_fact_call", "territory", "call_id", "kind", postgresql_where=text("call_id IS NOT NULL")),
        Index("ix_fact_booking", "territory", "booking_id", postgresql_where=text("booking_id IS NOT NULL")),
        {"postgresql_partition_by": "RANGE (occurred_at)"},
    )

    event_id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    type: str = Field(sa_type=Text)
    subject: str = Field(sa_type=Text)
    version: int
    occurred_at: datetime = Field(sa_type=DateTime(timezone=True), primary_key=True)
    arrived_at: datetime = _instant()
    slot_id: UUID | None = None
    call_id: UUID | None = None
    booking_id: UUID | None = None
    dimensions: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class SlotFact(Table, table=True):
    """A slot as its facts say. It `stands` when published and not withdrawn since; only such rows are counted.

    A slot known by a booking alone has a start and is not `published`: its figures wait for it.
    """

    __tablename__ = "slot_fact"
    __table_args__: ClassVar[tuple[Index, ...]] = (
        Index(
            "ix_slot_fact_standing",
            "territory",
            "starts_at",
            postgresql_include=[
                *("effector_kind", "effector_id", "profession", "specialties", "audience", "booked", "commune")
            ],
            postgresql_where=text("standing"),
        ),
        Index("ix_slot_fact_unpublished", "territory", "starts_at", postgresql_where=text("NOT published")),
    )

    territory: str = Field(primary_key=True, sa_type=Text)
    slot_id: UUID = Field(primary_key=True)
    published: bool
    standing: bool
    booked: bool
    starts_at: datetime | None = _instant(nullable=True)
    effector_kind: str | None = Field(default=None, sa_type=Text)
    effector_id: str | None = Field(default=None, sa_type=Text)
    profession: str | None = Field(default=None, sa_type=Text)
    specialties: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    audience: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    mode: str | None = Field(default=None, sa_type=Text)
    told_from: datetime | None = _instant(nullable=True)
    told_until: datetime | None = _instant(nullable=True)
    commune: str | None = Field(default=None, sa_type=Text)


class CallFact(Table, table=True):
    """A call as its facts say. It `stands` once it is known to have been received."""

    __tablename__ = "call_fact"
    __table_args__: ClassVar[tuple[Index, ...]] = (
        Index(
            "ix_call_fact_standing",
            "territory",
            "received_at",
            postgresql_include=["origin", "outcome", "booked", "commune"],
            postgresql_where=text("standing"),
        ),
        Index("ix_call_fact_unreceived", "territory", "received_at", postgresql_where=text("NOT standing")),
    )

    territory: str = Field(primary_key=True, sa_type=Text)
    call_id: UUID = Field(primary_key=True)
    standing: bool
    booked: bool
    received_at: datetime | None = _instant(nullable=True)
    origin: str | None = Field(default=None, sa_type=Text)
    profession: str | None = Field(default=None, sa_type=Text)
    specialty: str | None = Field(default=None, sa_type=Text)
    outcome: str | None = Field(default=None, sa_type=Text)
    told_from: datetime | None = _instant(nullable=True)
    told_until: datetime | None = _instant(nullable=True)
    commune: str | None = Field(default=None, sa_type=Text)


class BookingFact(Table, table=True):
    """A booking as its facts say: `state` is the verb of its newest one. Anything but `cancelled` holds the seat."""

    __tablename__ = "booking_fact"
    __table_args__: ClassVar[tuple[Index, ...]] = (
        Index("ix_booking_fact_slot", "territory", "slot_id"),
        Index("ix_booking_fact_call", "territory", "call_id"),
    )

    territory: str = Field(primary_key=True, sa_type=Text)
    booking_id: UUID = Field(primary_key=True)
    slot_id: UUID
    call_id: UUID
    state: str = Field(sa_type=Text)
    starts_at: datetime | None = _instant(nullable=True)
    call_received_at: datetime | None = _instant(nullable=True)
    told_from: datetime | None = _instant(nullable=True)
    told_until: datetime | None = _instant(nullable=True)


class Rebuild(Table, table=True):
    """One run of the projections over all facts of a territory. `changed` rows had drifted and were put right."""

    __tablename__ = "rebuild"
    __table_args__: ClassVar[tuple[Index, ...]] = (
        Index("ix_rebuild_waiting", "requested_at", postgresql_where=text("finished_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    requested_by: str = Field(sa_type=Text)
    requested_at: datetime = _instant()
    finished_at: datetime | None = _instant(nullable=True)
    facts: int | None = None
    changed: int | None = None
