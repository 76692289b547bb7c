"""Periods, what was done to them, their approved figures and the facts that came late. Every row is of a territory."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Identity, Index, Integer, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from indicators.store.base import Table


def _instant(nullable: bool = False) -> Any:
    return Field(default=None, sa_type=DateTime(timezone=True), nullable=nullable)


class ReportingPeriod(Table, table=True):
    """A period to which something was done. One without a row is open, at version 0.

    `approvals` counts the approvals; `late_facts` came since the last one, the newest at `late_newest`.
    """

    __tablename__ = "reporting_period"

    territory: str = Field(primary_key=True, sa_type=Text)
    period_id: str = Field(primary_key=True, sa_type=Text)
    starts_at: datetime = _instant()
    ends_at: datetime = _instant()
    state: str = Field(sa_type=Text)
    version: int
    submitted_at: datetime | None = _instant(nullable=True)
    submitted_by: str | None = Field(default=None, sa_type=Text)
    approvals: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    approved_at: datetime | None = _instant(nullable=True)
    approved_by: str | None = Field(default=None, sa_type=Text)
    locked_at: datetime | None = _instant(nullable=True)
    locked_by: str | None = Field(default=None, sa_type=Text)
    late_facts: int = Field(sa_column=Column(Integer, nullable=False, server_default="0"))
    late_newest: datetime | None = _instant(nullable=True)


class PeriodEvent(Table, table=True):
    """One line of the history of a period, written once. `facts` came late, when that is what is told."""

    __tablename__ = "period_event"
    __table_args__: ClassVar[tuple[Index, ...]] = (Index("ix_period_event_period", "territory", "period_id", "id"),)

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    territory: str = Field(sa_type=Text)
    period_id: str = Field(sa_type=Text)
    version: int
    verb: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    at: datetime = _instant()
    by: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    facts: int | None = None


class FigureVersion(Table, table=True):
    """A figure as it was approved, the `number`th time that its period was: written once and never changed.

    `evidence_digest` is the SHA-256 of the ids of the events behind it, in their order. `judgement` keeps what was said
    of the figure then: interval, trend, target, baseline. `hidden` are the numbers of patients that readers outside are
    not told, as dimension and code, decided at the approval.
    """

    __tablename__ = "figure_version"

    territory: str = Field(primary_key=True, sa_type=Text)
    period_id: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(primary_key=True)
    indicator_id: str = Field(primary_key=True, sa_type=Text)
    definition_version: int
    status: str = Field(sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    origin: str | None = Field(default=None, sa_type=Text)
    numerator: int | None = Field(default=None, sa_type=BigInteger)
    denominator: int | None = Field(default=None, sa_type=BigInteger)
    value: float | None = Field(default=None, sa_type=Numeric)
    breakdown: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    apart: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    judgement: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    masked: bool
    gaps: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    as_of: datetime | None = _instant(nullable=True)
    evidence_count: int
    evidence_digest: str = Field(sa_type=Text)
    approved_at: datetime = _instant()
    approved_by: str = Field(sa_type=Text)
    hidden: list[Any] | None = Field(default=None, sa_column=Column(JSONB))


class LateFact(Table, table=True):
    """A fact that counts in a period and came after it was submitted, or after its `number`th approval."""

    __tablename__ = "late_fact"
    __table_args__: ClassVar[tuple[Index, ...]] = (
        Index("ix_late_fact_arrived_at", "territory", "period_id", "number", "arrived_at"),
    )

    territory: str = Field(primary_key=True, sa_type=Text)
    period_id: str = Field(primary_key=True, sa_type=Text)
    event_id: UUID = Field(primary_key=True)
    number: int
    kind: str = Field(sa_type=Text)
    type: str = Field(sa_type=Text)
    occurred_at: datetime = _instant()
    arrived_at: datetime = _instant()
