"""How funding was shared among members: computations and their lines."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Numeric, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from directory.store.base import Table, instant


class FundingShare(Table, table=True):
    """A computation. Approved, it has a number and changes no more; a correction is its next edition."""

    __tablename__ = "funding_share"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'approved', 'discarded')", "state"),
        CheckConstraint("(state = 'approved') = (number IS NOT NULL)", "number"),
        UniqueConstraint("territory", "number", "edition", name="uq_funding_share_number"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    number: int | None = None
    edition: int
    pot: str = Field(sa_type=Text)
    total: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    from_on: date
    to_on: date
    terms: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    replaces_id: UUID | None = None
    reason: str | None = Field(default=None, sa_type=Text)
    ballot_id: UUID | None = None
    approved_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class FundingLine(Table, table=True):
    """What one member gets, and how it came about. Never changed."""

    __tablename__ = "funding_line"
    __table_args__ = (
        ForeignKeyConstraint(["share_id"], ["funding_share.id"], name="fk_funding_line_share_id"),
        CheckConstraint("amount >= 0", "amount"),
    )

    territory: str = Field(sa_type=Text, primary_key=True)
    share_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    amount: Decimal = Field(sa_column=Column(Numeric(12, 2), nullable=False))
    exact: str = Field(sa_type=Text)
    slices: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
