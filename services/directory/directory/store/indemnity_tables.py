"""Time that professionals declare, and what is owed for it."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Numeric, Text
from sqlmodel import Field

from directory.store.base import Table, instant


class Indemnity(Table, table=True):
    """Time spent on a mission. Amounts are set when it is approved; `payable` is what lies under the yearly cap."""

    __tablename__ = "indemnity"
    __table_args__ = (
        CheckConstraint("state IN ('declared', 'approved', 'refused', 'paid')", "state"),
        CheckConstraint("payable <= amount", "payable"),
        Index("ix_indemnity_person", "territory", "rpps", "day"),
        Index("ix_indemnity_state", "territory", "state", "id"),
    )

    territory: str = Field(sa_type=Text, primary_key=True)
    id: UUID = Field(primary_key=True)
    rpps: str = Field(sa_type=Text)
    profession: str = Field(sa_type=Text)
    mission: str = Field(sa_type=Text)
    day: date
    minutes: int
    state: str = Field(sa_type=Text)
    declared_by: str = Field(sa_type=Text)
    late: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default="false"))
    kind: str | None = Field(default=None, sa_type=Text)
    per_hour: Decimal | None = Field(default=None, sa_column=Column(Numeric(10, 2)))
    amount: Decimal | None = Field(default=None, sa_column=Column(Numeric(12, 2)))
    payable: Decimal | None = Field(default=None, sa_column=Column(Numeric(12, 2)))
    cut_reason: str | None = Field(default=None, sa_type=Text)
    rules_version: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    paid_on: date | None = None
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
