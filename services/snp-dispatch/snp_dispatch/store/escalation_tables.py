"""Tables of the escalation: timers, ladders, steps taken."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from snp_dispatch.store.base import Table, instant, one_of


class Timer(Table, table=True):
    """Something to do at an instant. `due_at` is what was asked; `try_at` is later after a failure."""

    __table_args__ = (
        Index("ix_timer_due", "try_at", "id", postgresql_where=text("fired_at IS NULL")),
        Index("uq_timer_pending", "kind", "subject_id", unique=True, postgresql_where=text("fired_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    subject_id: UUID
    due_at: datetime = instant()
    try_at: datetime = instant()
    attempts: int = Field(sa_type=SmallInteger)
    payload: dict[str, Any] = Field(sa_type=JSONB)
    fired_at: datetime | None = instant(default=None, nullable=True)


class LadderKept(Table, table=True):
    """An escalation ladder by its content. Of no territory: calls name it."""

    __tablename__ = "ladder"

    digest: str = Field(sa_column=Column(Text, primary_key=True))
    version: str = Field(sa_type=Text)
    content: dict[str, Any] = Field(sa_type=JSONB)
    kept_at: datetime = instant()


class EscalationStep(Table, table=True):
    """A step of the ladder that a call has taken, or skipped; once each."""

    __tablename__ = "escalation_step"
    __table_args__ = (one_of("outcome", "outcome", "done", "skipped"),)

    call_id: UUID = Field(primary_key=True, foreign_key="call.id")
    position: int = Field(sa_column=Column(SmallInteger, primary_key=True))
    territory: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    outcome: str = Field(sa_type=Text)
    detail: dict[str, Any] = Field(sa_type=JSONB)
    done_at: datetime = instant()
