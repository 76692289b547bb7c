"""Tables of rosters (*plannings*): shifts, and who takes them. Tenant rows, with history."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Text, UniqueConstraint, Uuid
from sqlmodel import Field

from directory.store.base import Table, instant, texts


def _of(table: str) -> Column[UUID]:
    return Column(Uuid, ForeignKey(f"{table}.id"), nullable=False)


class Roster(Table, table=True):
    """What is staffed for a time: a vaccination centre, a plan, an exercise."""

    __tablename__ = "roster"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", "period"),
        Index("ix_roster_list", "territory", "starts_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    commune: str = Field(sa_type=Text)
    address: str | None = Field(sa_type=Text)
    starts_on: date
    ends_on: date
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class ShiftRow(Table, table=True):
    """A time on a roster, with so many seats for these professions (none: for all)."""

    __tablename__ = "shift"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", "period"),
        CheckConstraint("seats > 0", "seats"),
        Index("ix_shift_list", "territory", "roster_id", "starts_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    roster_id: UUID = Field(sa_column=_of("roster"))
    starts_at: datetime = instant()
    ends_at: datetime = instant()
    professions: list[str] = texts()
    seats: int
    cancelled_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class SignUp(Table, table=True):
    """A professional on a shift; `profession` is the one that they serve by."""

    __tablename__ = "sign_up"
    __table_args__ = (
        CheckConstraint("state IN ('signed', 'withdrawn', 'present', 'absent')", "state"),
        UniqueConstraint("shift_id", "rpps", name="uq_sign_up_shift_id"),
        Index("ix_sign_up_rpps", "territory", "rpps"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    shift_id: UUID = Field(sa_column=_of("shift"))
    rpps: str = Field(sa_type=Text, foreign_key="professional.rpps")
    profession: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
