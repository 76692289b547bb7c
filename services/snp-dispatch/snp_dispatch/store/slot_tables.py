"""Tables of the offer: who serves (reference rows), who takes part, what is open."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from snp_dispatch.store.base import Table, codes, instant, no_codes, one_of


def _one() -> Any:
    return Field(sa_column=Column(SmallInteger, nullable=False, server_default=text("1")))


def _no_days() -> Any:
    return Field(sa_column=Column(ARRAY(Date), nullable=False, server_default=text("'{}'")))


class Effector(Table, table=True):
    """A professional (RPPS) or a structure (FINESS), as the directory last told. National reference rows."""

    __table_args__ = (
        one_of("kind", "kind", "person", "structure"),
        one_of("gender", "gender", "female", "male"),
        one_of("tariff_sector", "tariff_sector", "1", "2", "3"),
    )

    id: str = Field(primary_key=True, sa_type=Text)
    kind: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    profession: str | None = Field(default=None, sa_type=Text)
    specialties: list[str] = codes()
    gender: str | None = Field(default=None, sa_type=Text)
    languages: list[str] = no_codes()
    tariff_sector: str | None = Field(default=None, sa_type=Text, description="Secteur conventionnel; null is unknown")
    accessibility: list[str] = no_codes()
    sites: list[str] = no_codes()
    listed: bool
    version: int


class Participation(Table, table=True):
    """A professional takes part in unscheduled care on a territory, or no longer does."""

    territory: str = Field(primary_key=True, sa_type=Text)
    rpps: str = Field(primary_key=True, sa_type=Text)
    participates: bool
    version: int


class Attested(Table, table=True):
    """What a territory attests of an effector; null where it says nothing and the national entry stands."""

    territory: str = Field(primary_key=True, sa_type=Text)
    effector_id: str = Field(primary_key=True, sa_type=Text)
    gender: str | None = Field(default=None, sa_type=Text)
    languages: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text)))
    tariff_sector: str | None = Field(default=None, sa_type=Text)
    accessibility: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text)))
    version: int


class Availability(Table, table=True):
    """Weekly recurring hours of an effector, from which slots are made ahead of time."""

    __table_args__ = (
        CheckConstraint("slot_minutes BETWEEN 5 AND 480", name="slot_minutes"),
        CheckConstraint("every_minutes BETWEEN slot_minutes AND 1440", name="every_minutes"),
        Index("ix_availability_effector", "effector_id"),
        CheckConstraint("capacity BETWEEN 1 AND 50", name="capacity"),
        CheckConstraint("min_age <= max_age", name="age"),
        CheckConstraint("(release_minutes IS NULL) = (release_audience = '{}')", name="release"),
        Index("ix_availability_due", "materialised_until", postgresql_where=text("ended_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    effector_id: str = Field(sa_column=Column(Text, ForeignKey("effector.id"), nullable=False))
    commune: str = Field(sa_type=Text)
    mode: str = Field(sa_type=Text)
    audience: list[str] = codes()
    weekdays: list[int] = Field(sa_type=ARRAY(SmallInteger))
    starts: time
    ends: time
    slot_minutes: int = Field(sa_type=SmallInteger)
    every_minutes: int = Field(sa_type=SmallInteger)
    valid_from: date
    valid_until: date | None = None
    capacity: int = _one()
    acts: list[str] = no_codes()
    min_age: int | None = Field(default=None, sa_type=SmallInteger)
    max_age: int | None = Field(default=None, sa_type=SmallInteger)
    own_patients_only: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    accessibility: list[str] = no_codes()
    embargo_minutes: int | None = Field(default=None, description="Before each start; nobody is given the slot earlier")
    release_minutes: int | None = Field(default=None, description="Before each start")
    release_audience: list[str] = no_codes()
    rrule: str | None = Field(default=None, sa_type=Text, description="RFC 5545 from valid_from; else weekdays")
    except_dates: list[date] = _no_days()
    extra_dates: list[date] = _no_days()
    skip_holidays: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    materialised_until: date | None = None
    created_at: datetime = instant()
    ended_at: datetime | None = instant(default=None, nullable=True)


class Slot(Table, table=True):
    """A period that an effector opens to some audiences. Two of one effector never overlap, in any territory."""

    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="period"),
        CheckConstraint("capacity BETWEEN 1 AND 50", name="capacity"),
        one_of("mode", "mode", "AMB", "HH", "VR"),
        CheckConstraint("cardinality(audience) > 0", name="audience"),
        CheckConstraint("min_age <= max_age", name="age"),
        CheckConstraint("(release_at IS NULL) = (release_audience = '{}')", name="release"),
        ExcludeConstraint(
            ("effector_id", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            using="gist",
            where=text("withdrawn_at IS NULL"),
            name="ex_slot_overlap",
        ),
        Index(
            "ix_slot_search", "territory", "profession", "commune", "starts_at", "id",
            postgresql_where=text("withdrawn_at IS NULL AND NOT taken"),
        ),
        Index(
            "ix_slot_video", "territory", "profession", "starts_at", "id",
            postgresql_where=text("withdrawn_at IS NULL AND NOT taken AND mode = 'VR'"),
        ),
        Index("ix_slot_calendar", "territory", "starts_at", "id"),
        Index(
            "ix_slot_opening", "opens_at",
            postgresql_where=text("opens_at IS NOT NULL AND withdrawn_at IS NULL"),
        ),
        Index("ix_slot_effector", "effector_id", "starts_at"),
        Index(
            "uq_slot_occurrence", "availability_id", "starts_at", unique=True,
            postgresql_where=text("availability_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    effector_id: str = Field(sa_column=Column(Text, ForeignKey("effector.id"), nullable=False))
    profession: str | None = Field(default=None, sa_type=Text)
    specialties: list[str] = codes()
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    commune: str = Field(sa_type=Text)
    mode: str = Field(sa_type=Text)
    audience: list[str] = codes()
    capacity: int = Field(sa_type=SmallInteger)
    taken: bool = Field(
        sa_column=Column(Boolean, nullable=False, server_default=text("false")),
        description="Of a slot with one seat: seat_claim has a row of it. Such slots leave the search indexes",
    )
    acts: list[str] = no_codes()
    min_age: int | None = Field(default=None, sa_type=SmallInteger)
    max_age: int | None = Field(default=None, sa_type=SmallInteger)
    own_patients_only: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    accessibility: list[str] = no_codes()
    embargo_until: datetime | None = instant(default=None, nullable=True)
    release_at: datetime | None = instant(default=None, nullable=True)
    release_audience: list[str] = no_codes()
    opens_at: datetime | None = instant(
        default=None, nullable=True, description="When its audience next grows; null when it will not, or it was told"
    )
    availability_id: UUID | None = Field(default=None, foreign_key="availability.id")
    created_at: datetime = instant()
    withdrawn_at: datetime | None = instant(default=None, nullable=True)
    withdrawn_reason: str | None = Field(default=None, sa_type=Text)
    version: int


class Pause(Table, table=True):
    """An effector takes no more patients on a territory until it says otherwise, or until an instant.

    In force while `ended_at` is null and `until` has not passed; one of an effector and territory at a time.
    """

    __table_args__ = (
        Index(
            "uq_pause_open", "territory", "effector_id", unique=True, postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_pause_due", "until", postgresql_where=text("ended_at IS NULL")),
    )  # fmt: skip

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    effector_id: str = Field(sa_column=Column(Text, ForeignKey("effector.id"), nullable=False))
    starts_at: datetime = instant()
    until: datetime | None = instant(default=None, nullable=True)
    reason: str = Field(sa_type=Text)
    ended_at: datetime | None = instant(default=None, nullable=True)
    version: int = Field(sa_type=SmallInteger)


class Quota(Table, table=True):
    """At most so many seats of an effector a day or week for an organisation, or for each (`organisation` null)."""

    __table_args__ = (
        one_of("period", "period", "day", "week"),
        CheckConstraint("max_slots >= 0", name="max_slots"),
        Index("uq_quota", "territory", "effector_id", text("coalesce(organisation, '')"), "period", unique=True),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    effector_id: str = Field(sa_column=Column(Text, ForeignKey("effector.id"), nullable=False))
    organisation: str | None = Field(default=None, sa_type=Text)
    period: str = Field(sa_type=Text)
    max_slots: int = Field(sa_type=SmallInteger)
    created_at: datetime = instant()


class CalendarFeed(Table, table=True):
    """A private address under which an effector's agenda of the territory is read. The secret is kept as its digest."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        Index("uq_calendar_feed_digest", "digest", unique=True),
        Index("ix_calendar_feed_effector", "effector_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    effector_id: str = Field(sa_column=Column(Text, ForeignKey("effector.id"), nullable=False))
    digest: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = instant()
    revoked_at: datetime | None = instant(default=None, nullable=True)


class BusyPeriod(Table, table=True):
    """When an effector is away, as their own calendar last told."""

    __tablename__ = "busy_period"

    territory: str = Field(primary_key=True, sa_type=Text)
    effector_id: str = Field(primary_key=True, sa_type=Text)
    starts_at: datetime = instant(primary_key=True)
    ends_at: datetime = instant(primary_key=True)


class BusyCalendar(Table, table=True):
    """The address of an effector's own calendar, sealed, and what came of reading it."""

    __tablename__ = "busy_calendar"
    __table_args__ = (Index("ix_busy_calendar_due", "next_read_at"),)

    territory: str = Field(primary_key=True, sa_type=Text)
    effector_id: str = Field(sa_column=Column(Text, ForeignKey("effector.id"), primary_key=True, nullable=False))
    sealed: bytes = Field(sa_type=LargeBinary)
    host: str = Field(sa_type=Text)
    version: int
    set_at: datetime = instant()
    next_read_at: datetime = instant(description="Due then; while it is being read, when somebody else may try")
    read_at: datetime | None = instant(default=None, nullable=True)
    succeeded_at: datetime | None = instant(default=None, nullable=True)
    whole_at: datetime | None = instant(default=None, nullable=True, description="Last answered with a whole calendar")
    failures: int
    result: str | None = Field(default=None, sa_type=Text)
    status: int | None = None
    etag: str | None = Field(default=None, sa_type=Text)
    last_modified: str | None = Field(default=None, sa_type=Text)
    periods: int | None = None
    skipped: int | None = None
    withdrawn: int | None = None
    reopened: int | None = None
    conflicts: list[UUID] | None = Field(default=None, sa_type=ARRAY(Uuid))


class SeatClaim(Table, table=True):
    """A seat of a slot is taken: by a hold until `expires_at`, or by a booking. At most one row a seat.

    Only a transaction that holds the row lock of the slot touches these rows; of a slot with one seat it
    keeps `slot.taken` true to them.
    """

    __tablename__ = "seat_claim"
    __table_args__ = (
        CheckConstraint("(hold_id IS NULL) <> (booking_id IS NULL)", name="owner"),
        CheckConstraint("(hold_id IS NULL) = (expires_at IS NULL)", name="expiry"),
        Index("ix_seat_claim_lapse", "territory", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
    )

    slot_id: UUID = Field(primary_key=True, foreign_key="slot.id")
    seat: int = Field(primary_key=True, sa_type=SmallInteger)
    territory: str = Field(sa_type=Text)
    hold_id: UUID | None = None
    booking_id: UUID | None = None
    expires_at: datetime | None = instant(default=None, nullable=True)
