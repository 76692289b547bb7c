"""Members of the association and their mandates. Internal: names outside the register of the country are sealed."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, LargeBinary, Numeric, Text, text
from sqlmodel import Field

from directory.store.base import Table, instant

_CURRENT = text("left_on IS NULL")


class Member(Table, table=True):
    """A membership: a professional by RPPS number, or somebody by a sealed name. Who comes back has a new one.

    `person` is the same for all memberships of somebody: a keyed digest of the RPPS number or name.
    """

    __tablename__ = "member"
    __table_args__ = (
        CheckConstraint("(rpps IS NULL) <> (name_sealed IS NULL)", "rpps_or_name"),
        CheckConstraint("kind IN ('adherent', 'associate')", "kind"),
        CheckConstraint("left_on >= joined_on", "dates"),
        Index("uq_member_current", "territory", "person", unique=True, postgresql_where=_CURRENT),
    )

    territory: str = Field(sa_type=Text, primary_key=True)
    id: UUID = Field(primary_key=True)
    person: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    rpps: str | None = Field(default=None, sa_type=Text)
    name_sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    finess: str | None = Field(default=None, sa_type=Text)
    kind: str = Field(sa_type=Text)
    category: str = Field(sa_type=Text)
    college: int | None = None
    joined_on: date
    convention_signed_on: date | None = None
    left_on: date | None = None
    left_reason: str | None = Field(default=None, sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class MemberFee(Table, table=True):
    """The fee of a calendar year (*cotisation*). `paid_on` null: it was entered by mistake and is not paid."""

    __tablename__ = "member_fee"

    territory: str = Field(sa_type=Text, primary_key=True)
    member_id: UUID = Field(primary_key=True)
    year: int = Field(primary_key=True)
    paid_on: date | None = None
    amount: Decimal | None = Field(default=None, sa_column=Column(Numeric(10, 2)))
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class Mandate(Table, table=True):
    """A seat on the board, a function of the bureau, a place in a commission, from a day until before another."""

    __tablename__ = "mandate"
    __table_args__ = (
        CheckConstraint("ends_on > started_on", "dates"),
        Index("ix_mandate_member", "territory", "member_id"),
        Index("ix_mandate_open", "territory", "body", postgresql_where=text("ended_on IS NULL")),
    )

    territory: str = Field(sa_type=Text, primary_key=True)
    id: UUID = Field(primary_key=True)
    member_id: UUID
    person: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    body: str = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    college: int | None = None
    number: int
    started_on: date
    ends_on: date | None = None
    ended_on: date | None = None
    end_reason: str | None = Field(default=None, sa_type=Text)
    rules_version: str = Field(sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
