"""Crisis plans with their versions and documents, activations with their journal, exercises and lessons."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kit import ddl

revision = "0020"
down_revision = "0019"

SERVICE = "directory"
_CHANGED = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    _plan()
    _version()
    _document()
    _activation()
    _exercise()
    for table in ("crisis_plan", "crisis_activation", "crisis_exercise", "crisis_lesson"):
        ddl.tenant(table, SERVICE, grants=_CHANGED)
        ddl.history(table, "id")
    ddl.tenant("crisis_document", SERVICE, grants=_CHANGED)
    ddl.history("crisis_document", "id", hidden=("blob",))
    # Written once: nobody may change an adopted version or a line of a journal.
    for table in ("crisis_plan_version", "crisis_journal"):
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT")


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _days(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Date, nullable=nullable) for name in names]


def _instants(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def _json(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, JSONB, nullable=False) for name in names]


def _table(name: str, *columns: Any) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Uuid, nullable=False),
        *_texts("territory"),
        *columns,
        sa.Column("version", sa.Integer, nullable=False),
        *_instants("changed_at"),
        *_texts("changed_by"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )


def _of(table: str, column: str, other: str, nullable: bool = False) -> list[Any]:
    return [
        sa.Column(column, sa.Uuid, nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}"),
    ]


def _plan() -> None:
    _table(
        "crisis_plan",
        *_texts("type", "title", "responsible", "state"),
        *_json("steps"),
        sa.Column("number", sa.Integer, nullable=False),
        *_days("review_on", nullable=True),
        *_texts("withdrawn_reason", nullable=True),
        sa.CheckConstraint("state IN ('draft', 'adopted', 'revised', 'withdrawn')", name="ck_crisis_plan_state"),
    )
    op.create_index("ix_crisis_plan_list", "crisis_plan", ["territory", "id"])


def _version() -> None:
    _table(
        "crisis_plan_version",
        *_of("crisis_plan_version", "plan_id", "crisis_plan"),
        sa.Column("number", sa.Integer, nullable=False),
        *_texts("type", "title", "responsible", "codes_version"),
        *_json("steps", "documents"),
        *_days("adopted_on", "review_on"),
        sa.UniqueConstraint("plan_id", "number", name="uq_crisis_plan_version_plan_id"),
    )


def _document() -> None:
    _table(
        "crisis_document",
        *_of("crisis_document", "plan_id", "crisis_plan"),
        *_texts("kind", "title"),
        *_texts("finess", "url", "blob", "media_type", "digest", nullable=True),
        sa.Column("size", sa.Integer),
        *_instants("ended_at", nullable=True),
        sa.CheckConstraint("(url IS NULL) <> (blob IS NULL)", name="ck_crisis_document_place"),
    )
    op.create_index("ix_crisis_document_plan", "crisis_document", ["territory", "plan_id", "id"])


def _activation() -> None:
    _table(
        "crisis_activation",
        *_of("crisis_activation", "plan_id", "crisis_plan"),
        sa.Column("number", sa.Integer, nullable=False),
        *_texts("type", "reason"),
        *_instants("started_at"),
        *_instants("ended_at", nullable=True),
        *_texts("end_reason", nullable=True),
        sa.CheckConstraint("started_at <= ended_at", name="ck_crisis_activation_period"),
    )
    running = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_crisis_activation_plan", "crisis_activation", ["plan_id"], unique=True, postgresql_where=running
    )
    op.create_index("ix_crisis_activation_list", "crisis_activation", ["territory", "id"])
    _table(
        "crisis_journal",
        *_of("crisis_journal", "activation_id", "crisis_activation"),
        *_texts("kind", "text"),
        *_instants("happened_at"),
    )
    op.create_index("ix_crisis_journal_activation", "crisis_journal", ["territory", "activation_id", "id"])


def _exercise() -> None:
    _table(
        "crisis_exercise",
        *_of("crisis_exercise", "plan_id", "crisis_plan", nullable=True),
        *_texts("kind", "title", "state"),
        *_days("planned_on"),
        *_days("held_on", nullable=True),
        *(sa.Column(name, sa.ARRAY(sa.Text), nullable=False) for name in ("professionals", "structures")),
        sa.CheckConstraint("state IN ('planned', 'held', 'cancelled')", name="ck_crisis_exercise_state"),
    )
    op.create_index("ix_crisis_exercise_list", "crisis_exercise", ["territory", "planned_on", "id"])
    _table(
        "crisis_lesson",
        *_of("crisis_lesson", "exercise_id", "crisis_exercise", nullable=True),
        *_of("crisis_lesson", "activation_id", "crisis_activation", nullable=True),
        *_texts("text", "owner", "state"),
        *_days("due_on"),
        *_days("closed_on", nullable=True),
        sa.CheckConstraint("(exercise_id IS NULL) <> (activation_id IS NULL)", name="ck_crisis_lesson_source"),
        sa.CheckConstraint("state IN ('open', 'done', 'dropped')", name="ck_crisis_lesson_state"),
    )
    op.create_index("ix_crisis_lesson_list", "crisis_lesson", ["territory", "due_on", "id"])
