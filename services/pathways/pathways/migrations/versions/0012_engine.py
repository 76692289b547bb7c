"""Steps that open, that are put on another day and escalate; pauses; versions of pathways."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit import ddl

revision = "0012"
down_revision = "0011"

SERVICE = "pathways"
_RUNNING = sa.text("state IN ('active', 'paused')")


def upgrade() -> None:
    _enrolments()
    _steps()
    _pauses()
    _versions()
    for table in ("enrolment", "step", "pause"):
        ddl.history(table, "id")


def _enrolments() -> None:
    op.execute(
        "ALTER TABLE enrolment ADD COLUMN facts text[] NOT NULL DEFAULT '{}', "
        "ADD COLUMN dates jsonb NOT NULL DEFAULT '{}', ADD COLUMN told_dates text[] NOT NULL DEFAULT '{}', "
        "ADD COLUMN criteria jsonb NOT NULL DEFAULT '{}', ADD COLUMN version integer NOT NULL DEFAULT 1, "
        "ADD COLUMN changed_at timestamptz, ADD COLUMN changed_by text NOT NULL DEFAULT 'unknown'"
    )
    op.execute("UPDATE enrolment SET changed_at = coalesce(closed_at, created_at)")
    op.execute("ALTER TABLE enrolment ALTER COLUMN changed_at SET NOT NULL")
    for column in ("facts", "dates", "told_dates", "criteria", "version", "changed_by"):
        op.execute(f"ALTER TABLE enrolment ALTER COLUMN {column} DROP DEFAULT")
    _states("enrolment", "active", "paused", "completed", "left")
    op.drop_index("ux_enrolment_active", "enrolment")
    columns = ["territory", "patient_id", "template"]
    op.create_index("ux_enrolment_running", "enrolment", columns, unique=True, postgresql_where=_RUNNING)


def _steps() -> None:
    op.execute(
        "ALTER TABLE step ADD COLUMN anchor_date text, ADD COLUMN opens_at timestamptz, "
        "ADD COLUMN chosen_from date, ADD COLUMN chosen_due date, ADD COLUMN began_at timestamptz, "
        "ADD COLUMN rung smallint NOT NULL DEFAULT 0, ADD COLUMN escalate_at timestamptz, "
        "ADD COLUMN proof text, ADD COLUMN proof_ref text, ADD COLUMN changed_by text NOT NULL DEFAULT 'unknown'"
    )
    op.execute("UPDATE step SET opens_at = from_on::timestamp AT TIME ZONE 'Europe/Paris'")
    op.execute("ALTER TABLE step ALTER COLUMN opens_at SET NOT NULL")
    for column in ("rung", "changed_by"):
        op.execute(f"ALTER TABLE step ALTER COLUMN {column} DROP DEFAULT")
    _states("step", "planned", "due", "overdue", "done", "skipped", "cancelled", "paused", "not_needed")
    op.drop_index("ix_step_planned_due", "step")
    for name, column, state in (
        ("ix_step_opening", "opens_at", "planned"),
        ("ix_step_closing", "due_at", "due"),
        ("ix_step_escalating", "escalate_at", "overdue"),
    ):
        op.create_index(name, "step", [column], postgresql_where=sa.text(f"state = '{state}'"))
    still_open = sa.text("state IN ('planned', 'due', 'overdue')")
    op.create_index("ix_step_open", "step", ["territory", "due_at", "id"], postgresql_where=still_open)


def _states(table: str, *states: str) -> None:
    # The first migration gave the constraint its prefix twice.
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS ck_{table}_ck_{table}_state")
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS ck_{table}_state")
    listed = ", ".join(f"'{state}'" for state in states)
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_state CHECK (state IN ({listed}))")


def _pauses() -> None:
    op.create_table(
        "pause",
        *(sa.Column(name, sa.Uuid, nullable=False) for name in ("id", "enrolment_id")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("territory", "reason", "changed_by")),
        *(sa.Column(name, sa.Date, nullable=False) for name in ("from_on", "until_on")),
        sa.Column("resumed_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("until_on >= from_on", name="ck_pause_days"),
        sa.ForeignKeyConstraint(
            ["territory", "enrolment_id"],
            ["enrolment.territory", "enrolment.id"],
            name="fk_pause_territory_enrolment_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pause"),
    )
    op.create_index("ix_pause_enrolment_id", "pause", ["enrolment_id"])
    op.create_index("ix_pause_open", "pause", ["until_on"], postgresql_where=sa.text("resumed_at IS NULL"))
    ddl.tenant("pause", SERVICE, grants="SELECT, INSERT, UPDATE")


def _versions() -> None:
    op.create_table(
        "template_version",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("territory", "template", "version")),
        sa.Column("body", postgresql.JSONB, nullable=False),
        sa.Column("ladders", postgresql.JSONB, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("territory", "template", "version", name="pk_template_version"),
    )
    ddl.tenant("template_version", SERVICE, grants="SELECT, INSERT")
