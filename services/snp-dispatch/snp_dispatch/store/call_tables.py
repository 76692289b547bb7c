"""Tables of the demand: calls, their patient's contact, holds and bookings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Computed, Index, Integer, LargeBinary, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from snp_dispatch.store.base import Table, codes, instant, no_codes, one_of


def _json() -> Any:
    return Field(sa_type=JSONB)


def _said(document: str, name: str) -> Any:
    """A column that repeats one member of a JSON document; PostgreSQL keeps it."""
    return Field(default=None, sa_column=Column(Text, Computed(f"({document} ->> '{name}'::text)", persisted=True)))


class Call(Table, table=True):
    """A need of unscheduled care, the decision on it and what was proposed. No identity."""

    __table_args__ = (
        one_of("state", "state", "open", "waiting", "booked", "refused", "redirected", "cancelled", "expired"),
        one_of("origin", "origin", "ed", "single_number", "sas", "professional", "pathway"),
        Index("ix_call_calendar", "territory", "received_at", "id"),
        one_of("loop_end", "loop_end", "seen", "not_seen"),
        Index(
            "ix_call_loop",
            "deadline",
            postgresql_where=text("loop_end IS NULL AND state NOT IN ('refused', 'redirected', 'cancelled')"),
        ),
        Index("ix_call_not_seen", "territory", "loop_ended_at", postgresql_where=text("loop_end = 'not_seen'")),
        Index("ix_call_deadline", "territory", "deadline", "id"),
        Index("ix_call_client", "territory", "client", "received_at", "id"),
        Index("ix_call_organisation", "territory", "organisation", "received_at", "id"),
        Index("ix_call_commune", "territory", "commune", "received_at", "id"),
        Index("ix_call_profession", "territory", "profession", "received_at", "id"),
        Index("ix_call_due", "deadline", postgresql_where=text("state IN ('open', 'waiting')")),
        Index(
            "ix_call_waiting",
            "territory",
            "priority",
            "deadline",
            "received_at",
            "id",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_call_to_escalate",
            "id",
            postgresql_where=text("state = 'waiting' AND NOT escalating AND ladder IS NOT NULL"),
        ),
        Index("ix_call_searched", "searched_at", postgresql_where=text("state = 'waiting'")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    version: int
    origin: str = Field(sa_type=Text)
    client: str = Field(sa_type=Text, description="Subject of the token that made the call")
    client_organisation: str | None = Field(default=None, sa_type=Text, description="As the token says, not the body")
    caller: dict[str, Any] = _json()
    patient: dict[str, Any] = _json()
    need: dict[str, Any] = _json()
    constraints: dict[str, Any] = _json()
    received_at: datetime = instant()
    earliest: datetime = instant()
    deadline: datetime = instant()
    radius_km: float
    modes: list[str] = codes()
    audiences: list[str] = codes()
    policy_version: str = Field(sa_type=Text)
    outcome: str = Field(sa_type=Text)
    policy_validated: bool = Field(
        sa_column=Column(Boolean, nullable=False, server_default=text("false")),
        description="Whether a medical body had approved that version; false for a proposal",
    )
    conditions: list[dict[str, Any]] = _json()
    redirect_to: str | None = Field(default=None, sa_type=Text)
    proposals: list[dict[str, Any]] = _json()
    relaxations: list[dict[str, Any]] = _json()
    regular_doctor: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSONB), description="What came of trying the patient's own doctor first"
    )
    book: bool = Field(
        sa_column=Column(Boolean, nullable=False, server_default=text("false")),
        description="Asked for a visit in one shot: a seat that frees later is booked, not only offered",
    )
    priority: int = Field(
        sa_column=Column(SmallInteger, nullable=False, server_default=text("100")),
        description="Rank of the triage level on its scale, 0 the most urgent; 100 when no level was given",
    )
    out_of_hours: dict[str, Any] | None = Field(
        default=None, sa_type=JSONB, description="Where to turn, as it was answered; null when the wait crossed nothing"
    )
    contact_fields: list[str] = no_codes()
    """Which of name and phone came with the call: what a replay needs, after the contact itself is gone."""
    closed_reason: str | None = Field(default=None, sa_type=Text)
    searched_at: datetime = instant(sa_column_kwargs={"server_default": text("now()")})
    loop_end: str | None = Field(default=None, sa_type=Text, description="When its time was over: seen, or not")
    loop_ended_at: datetime | None = instant(default=None, nullable=True)
    # What lists filter by. Not indexes on the expressions: behind row-level security PostgreSQL uses an index
    # only for operators that it trusts not to leak, and `->>` is not one of them.
    organisation: str | None = _said("caller", "organisation")
    commune: str | None = _said("patient", "commune")
    profession: str | None = _said("need", "profession")
    specialty: str | None = _said("need", "specialty")
    ladder: str | None = Field(default=None, sa_type=Text, description="Digest of the ladder in force at receipt")
    escalating: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))


class CallContact(Table, table=True):
    """Name and phone of a call's patient, sealed. Kept apart, so that it can be purged and read under audit only."""

    __tablename__ = "call_contact"
    __table_args__ = (Index("ix_call_contact_purge_after", "purge_after"),)

    call_id: UUID = Field(primary_key=True, foreign_key="call.id")
    territory: str = Field(sa_type=Text)
    sealed: bytes = Field(sa_type=LargeBinary)
    purge_after: datetime = instant()


class ContactRead(Table, table=True):
    """Someone read a patient's contact. Rows are added, never changed or removed by the service."""

    __tablename__ = "contact_read"
    __table_args__ = (Index("ix_contact_read_call_id", "call_id"),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    call_id: UUID
    read_at: datetime = instant()
    client: str = Field(sa_type=Text)
    role: str | None = Field(default=None, sa_type=Text)
    organisation: str | None = Field(default=None, sa_type=Text)
    rpps: str | None = Field(default=None, sa_type=Text)
    ground: str = Field(sa_type=Text, description="Why it was allowed: caller_organisation, operator or practitioner")


class Hold(Table, table=True):
    """A seat kept for a call until `expires_at`. The token that confirms it is stored as its digest."""

    __table_args__ = (
        one_of("state", "state", "active", "confirmed", "released", "expired"),
        Index("uq_hold_active_call", "call_id", unique=True, postgresql_where=text("state = 'active'")),
        Index("ix_hold_due", "expires_at", postgresql_where=text("state = 'active'")),
        Index("ix_hold_warning", "warn_at", postgresql_where=text("state = 'active' AND warn_at IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    call_id: UUID = Field(foreign_key="call.id")
    slot_id: UUID = Field(foreign_key="slot.id")
    token_digest: bytes = Field(sa_type=LargeBinary)
    state: str = Field(sa_type=Text)
    placed_at: datetime = instant()
    expires_at: datetime = instant()
    ended_at: datetime | None = instant(default=None, nullable=True)
    version: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("1")))
    fence: int = Field(
        sa_column=Column(BigInteger, nullable=False, server_default=text("nextval('hold_fence')")),
        description="Grows with every holder of a seat: a smaller one is stale",
    )
    extended_at: datetime | None = instant(default=None, nullable=True)
    warn_at: datetime | None = instant(default=None, nullable=True)
    transferred_to: str | None = Field(default=None, sa_type=Text, description="As the one who handed it over said")


class Booking(Table, table=True):
    """A patient has a visit (*rendez-vous*). Carries what its events need, so that its end is one row's affair."""

    __table_args__ = (
        one_of("state", "state", "confirmed", "cancelled", "fulfilled", "no_show"),
        Index("uq_booking_call", "call_id", unique=True, postgresql_where=text("state <> 'cancelled'")),
        Index("ix_booking_calendar", "territory", "starts_at", "id"),
        Index("ix_booking_effector", "effector_id", "starts_at"),
        Index("ix_booking_commune", "territory", "commune", "starts_at", "id"),
        Index("ix_booking_confirmed", "territory", "confirmed_at"),
        Index("ix_booking_call_id", "call_id"),
        Index(
            "ix_booking_load",
            "territory",
            "effector_id",
            "confirmed_at",
            postgresql_where=text("state <> 'cancelled'"),
        ),
        Index(
            "ix_booking_unreminded",
            "starts_at",
            postgresql_where=text("state = 'confirmed' AND reminders_for IS DISTINCT FROM starts_at"),
        ),
        Index("ix_booking_patient", "patient_ref", "starts_at", postgresql_where=text("patient_ref IS NOT NULL")),
        Index("ix_booking_overbooked", "slot_id", postgresql_where=text("overbooked")),
        Index("ix_booking_grant", "grant_id", "starts_at", "id", postgresql_where=text("grant_id IS NOT NULL")),
        Index(
            "ix_booking_lent",
            "starts_at",
            postgresql_where=text("slot_territory IS NOT NULL AND state = 'confirmed'"),
        ),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    call_id: UUID = Field(foreign_key="call.id")
    slot_id: UUID = Field(foreign_key="slot.id")
    effector_id: str = Field(sa_type=Text)
    effector_kind: str = Field(sa_type=Text)
    origin: str = Field(sa_type=Text)
    patient_ref: str | None = Field(default=None, sa_type=Text)
    call_received_at: datetime = instant()
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    commune: str = Field(sa_type=Text)
    mode: str = Field(sa_type=Text)
    audience: list[str] = codes()
    state: str = Field(sa_type=Text)
    version: int = Field(sa_type=SmallInteger)
    confirmed_at: datetime = instant()
    ended_at: datetime | None = instant(default=None, nullable=True)
    ended_by: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    absent: str | None = Field(default=None, sa_type=Text)
    grant_id: UUID | None = Field(default=None, foreign_key="territory_grant.id", description="Of a neighbour's slot")
    slot_territory: str | None = Field(default=None, sa_type=Text, description="Whose slot it is, when a neighbour's")
    moves: list[dict[str, Any]] = Field(
        sa_column=Column(JSONB, nullable=False, server_default=text("'[]'")), description="The oldest first"
    )
    reminders_for: datetime | None = instant(default=None, nullable=True)
    overbooked: bool = Field(
        sa_column=Column(Boolean, nullable=False, server_default=text("false")),
        description="An extra patient (surnuméraire) beyond the seats of the slot: it has no row of seat_claim",
    )
    outcomes: list[dict[str, Any]] = Field(
        sa_column=Column(JSONB, nullable=False, server_default=text("'[]'")),
        description="Every outcome that was said or taken back, and by whom; the oldest first",
    )
