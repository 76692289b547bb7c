"""Tables of on-call orders and of advice between professionals. Texts are sealed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, ForeignKeyConstraint, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from pathways.store.base import Table, instant, string


class DutyGroup(Table, table=True):
    """Professionals who share what comes in, in an order (*astreinte partagée*). `members`: see domain/duty.py."""

    __tablename__ = "duty_group"
    __table_args__ = (Index("ix_duty_group_list", "territory", "id"),)

    id: UUID = Field(primary_key=True)
    territory: str = string()
    label: str = string()
    members: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class DutyAbsence(Table, table=True):
    """Days, both included, on which a professional is not asked."""

    __tablename__ = "duty_absence"
    __table_args__ = (
        CheckConstraint("from_on <= until_on", "days"),
        Index("ix_duty_absence_rpps", "territory", "rpps", "until_on"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    rpps: str = string()
    from_on: date
    until_on: date
    cancelled_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()


class Advice(Table, table=True):
    """A question to a professional, or to a group one after the other. `turns` is the order, `turn` who is asked now.

    Of an enrolled patient the texts are sealed under the patient's key, else under the master key.
    """

    __tablename__ = "advice"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'answered', 'declined', 'withdrawn')", "state"),
        ForeignKeyConstraint(["territory", "patient_id"], ["patient.territory", "patient.id"]),
        Index("ix_advice_asker", "territory", "asked_by", "id"),
        Index("ix_advice_turns", "turns", postgresql_using="gin"),
        Index("ix_advice_patient", "territory", "patient_id", "id"),
        Index("ix_advice_next", "next_at", postgresql_where=text("state = 'asked'")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = string()
    kind: str = string()
    specialty: str = string()
    patient_id: UUID | None = None
    asked_by: str = string()
    asked_at: datetime = instant()
    group_id: UUID | None = Field(default=None, foreign_key="duty_group.id")
    turns: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    turn: int
    state: str = string()
    due_at: datetime = instant()
    next_at: datetime | None = instant(nullable=True)
    overdue_at: datetime | None = instant(nullable=True)
    question: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    answer: bytes | None = Field(sa_column=Column(LargeBinary))
    closed_at: datetime | None = instant(nullable=True)
    closed_by: str | None = string(default=None)
    reason: str | None = string(default=None)
    rules_version: str = string()
    version: int
    changed_at: datetime = instant()
    changed_by: str = string()
