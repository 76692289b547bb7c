"""Tables of crisis plans, their activations, exercises and lessons. Tenant rows, with history."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from directory.store.base import Table, instant, texts


def _json() -> Any:
    return Field(sa_column=Column(JSONB, nullable=False))


class CrisisPlan(Table, table=True):
    """A plan as it is being written; `number` is its adopted version, 0 before the first."""

    __tablename__ = "crisis_plan"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'adopted', 'revised', 'withdrawn')", "state"),
        Index("ix_crisis_plan_list", "territory", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    type: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    responsible: str = Field(sa_type=Text)
    steps: list[dict[str, Any]] = _json()
    state: str = Field(sa_type=Text)
    number: int
    review_on: date | None
    withdrawn_reason: str | None = Field(sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class CrisisPlanVersion(Table, table=True):
    """A version as it was adopted: numbered, never changed."""

    __tablename__ = "crisis_plan_version"
    __table_args__ = (UniqueConstraint("plan_id", "number", name="uq_crisis_plan_version_plan_id"),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    plan_id: UUID = Field(foreign_key="crisis_plan.id")
    number: int
    type: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    responsible: str = Field(sa_type=Text)
    steps: list[dict[str, Any]] = _json()
    documents: list[dict[str, Any]] = _json()
    adopted_on: date
    review_on: date
    codes_version: str = Field(sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class CrisisDocument(Table, table=True):
    """What belongs to a plan: a link, or a file of `kit.blobs`. It ends; its file is kept."""

    __tablename__ = "crisis_document"
    __table_args__ = (
        CheckConstraint("(url IS NULL) <> (blob IS NULL)", "place"),
        Index("ix_crisis_document_plan", "territory", "plan_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    plan_id: UUID = Field(foreign_key="crisis_plan.id")
    kind: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    finess: str | None = Field(sa_type=Text)
    url: str | None = Field(sa_type=Text)
    blob: str | None = Field(sa_type=Text)
    media_type: str | None = Field(sa_type=Text)
    size: int | None
    digest: str | None = Field(sa_type=Text)
    ended_at: datetime | None = instant(nullable=True)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class CrisisActivation(Table, table=True):
    """An adopted version of a plan, put in force for a time. One at a time for a plan."""

    __tablename__ = "crisis_activation"
    __table_args__ = (
        CheckConstraint("started_at <= ended_at", "period"),
        Index("uq_crisis_activation_plan", "plan_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_crisis_activation_list", "territory", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    plan_id: UUID = Field(foreign_key="crisis_plan.id")
    number: int
    type: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    started_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    end_reason: str | None = Field(sa_type=Text)
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class CrisisJournal(Table, table=True):
    """A line of the journal (*main courante*) of an activation: added, never changed."""

    __tablename__ = "crisis_journal"
    __table_args__ = (Index("ix_crisis_journal_activation", "territory", "activation_id", "id"),)

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    activation_id: UUID = Field(foreign_key="crisis_activation.id")
    kind: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    happened_at: datetime = instant()
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class CrisisExercise(Table, table=True):
    """An exercise: planned, held with who took part, or cancelled."""

    __tablename__ = "crisis_exercise"
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'held', 'cancelled')", "state"),
        Index("ix_crisis_exercise_list", "territory", "planned_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    plan_id: UUID | None = Field(foreign_key="crisis_plan.id")
    kind: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    planned_on: date
    held_on: date | None
    state: str = Field(sa_type=Text)
    professionals: list[str] = texts()
    structures: list[str] = texts()
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)


class CrisisLesson(Table, table=True):
    """What an exercise or an activation taught (*retour d'expérience*), who sees to it, until when."""

    __tablename__ = "crisis_lesson"
    __table_args__ = (
        CheckConstraint("(exercise_id IS NULL) <> (activation_id IS NULL)", "source"),
        CheckConstraint("state IN ('open', 'done', 'dropped')", "state"),
        Index("ix_crisis_lesson_list", "territory", "due_on", "id"),
    )

    id: UUID = Field(primary_key=True)
    territory: str = Field(sa_type=Text)
    exercise_id: UUID | None = Field(foreign_key="crisis_exercise.id")
    activation_id: UUID | None = Field(foreign_key="crisis_activation.id")
    text: str = Field(sa_type=Text)
    owner: str = Field(sa_type=Text)
    due_on: date
    state: str = Field(sa_type=Text)
    closed_on: date | None
    version: int
    changed_at: datetime = instant()
    changed_by: str = Field(sa_type=Text)
