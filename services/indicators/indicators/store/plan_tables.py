"""What is noted about the action plan, and amounts of the agreement (ACI). Written once, never changed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from indicators.store.base import Table


def _instant() -> Any:
    return Field(sa_type=DateTime(timezone=True), nullable=False)


class MaturityNote(Table, table=True):
    """A level that somebody gave to an action sheet. `number` counts those of the sheet, from 1."""

    __tablename__ = "maturity_note"
    __table_args__ = (
        UniqueConstraint("territory", "sheet", "number", name="uq_maturity_note_number"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    sheet: str = Field(sa_type=Text)
    number: int
    level: int = Field(sa_type=SmallInteger)
    was: int = Field(sa_type=SmallInteger)
    reason: str = Field(sa_type=Text)
    plan_version: str = Field(sa_type=Text)
    noted_by: str = Field(sa_type=Text)
    noted_at: datetime = _instant()


class ProgressNote(Table, table=True):
    """What happened on a sheet, or on a step of it, whose `state` it may change. `number` counts from 1 by sheet."""

    __tablename__ = "progress_note"
    __table_args__ = (
        UniqueConstraint("territory", "sheet", "number", name="uq_progress_note_number"),
        CheckConstraint("state IN ('planned', 'begun', 'done')", name="state"),
        CheckConstraint("state IS NULL OR step IS NOT NULL", name="state_of_step"),
        CheckConstraint(
            "state IS DISTINCT FROM 'done' OR proof_link IS NOT NULL OR proof_reference IS NOT NULL",
            name="done_is_proved",
        ),
        Index("ix_progress_note_step", "territory", "step", "number"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    sheet: str = Field(sa_type=Text)
    number: int
    step: str | None = Field(default=None, sa_type=Text)
    state: str | None = Field(default=None, sa_type=Text)
    on_day: date
    text: str = Field(sa_type=Text)
    proof_link: str | None = Field(default=None, sa_type=Text)
    proof_reference: str | None = Field(default=None, sa_type=Text)
    plan_version: str = Field(sa_type=Text)
    noted_by: str = Field(sa_type=Text)
    noted_at: datetime = _instant()


class AciAmounts(Table, table=True):
    """Amounts that hold from a day on. A correction is a row with the same day and a higher number."""

    __tablename__ = "aci_amounts"

    territory: str = Field(primary_key=True, sa_type=Text)
    number: int = Field(primary_key=True)
    valid_from: date
    source: str = Field(sa_type=Text)
    amounts: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    entered_by: str = Field(sa_type=Text)
    entered_at: datetime = _instant()
