"""Payments: corrections of validated time, compensations told by the dispatch, closed batches and their lines."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Numeric, Text, UniqueConstraint
from sqlmodel import Field

from directory.store.base import Table, instant


def _euros(nullable: bool = False) -> Column[Decimal]:
    return Column(Numeric(12, 2), nullable=nullable)


class IndemnityCorrection(Table, table=True):
    """The difference when validated time was wrong; `minutes` are those that were right. Never changed."""

    __tablename__ = "indemnity_correction"
    __table_args__ = (Index("ix_indemnity_correction_time", "territory", "indemnity_id", "id"),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    indemnity_id: UUID
    rpps: str = Field(sa_type=Text)
    mission: str = Field(sa_type=Text)
    day: date
    minutes: int
    amount: Decimal = Field(sa_column=_euros())
    payable: Decimal = Field(sa_column=_euros())
    cut_reason: str | None = Field(default=None, sa_type=Text)
    reason: str = Field(sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class CompensationClaim(Table, table=True):
    """What a visit that its patient missed is worth, as the dispatch told it last; 0 when it was taken back."""

    __tablename__ = "compensation_claim"
    __table_args__ = (
        CheckConstraint("amount >= 0", "amount"),
        Index("ix_compensation_claim_person", "territory", "rpps", "day"),
    )

    territory: str = Field(sa_type=Text, primary_key=True)
    booking_id: UUID = Field(primary_key=True)
    rpps: str = Field(sa_type=Text)
    day: date
    amount: Decimal = Field(sa_column=_euros())
    own_cap: Decimal | None = Field(default=None, sa_column=_euros(nullable=True))
    final_on: date
    rules_version: str = Field(sa_type=Text)
    told_version: int
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class PaymentBatch(Table, table=True):
    """What is paid together (*état de paiement*): closed when it is made, numbered on the territory from 1."""

    __tablename__ = "payment_batch"
    __table_args__ = (
        UniqueConstraint("territory", "number", name="uq_payment_batch_number"),
        UniqueConstraint("territory", "period", name="uq_payment_batch_period"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    number: int
    period: str = Field(sa_type=Text)
    last_day: date
    people: int
    lines: int
    total: Decimal = Field(sa_column=_euros())
    closed_at: datetime = instant()
    paid_on: date | None = None
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class PaymentLine(Table, table=True):
    """One thing that a batch pays or takes back. What it stands for is in one batch: the database sees to it."""

    __tablename__ = "payment_line"
    __table_args__ = (
        CheckConstraint("kind IN ('indemnity', 'correction', 'compensation', 'reversal')", "kind"),
        UniqueConstraint("territory", "kind", "source_id", name="uq_payment_line_source"),
        ForeignKeyConstraint(["batch_id"], ["payment_batch.id"], name="fk_payment_line_batch_id"),
        Index("ix_payment_line_batch", "batch_id", "id"),
        Index("ix_payment_line_person", "territory", "rpps", "day"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    batch_id: UUID
    kind: str = Field(sa_type=Text)
    source_id: UUID
    rpps: str = Field(sa_type=Text)
    mission: str | None = Field(default=None, sa_type=Text)
    day: date
    minutes: int | None = None
    amount: Decimal = Field(sa_column=_euros())
    payable: Decimal = Field(sa_column=_euros())
    cut_reason: str | None = Field(default=None, sa_type=Text)
    late: bool
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
