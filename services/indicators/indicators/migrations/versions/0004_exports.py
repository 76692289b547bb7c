"""Exports: runs, files, deliveries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kit import ddl

revision = "0004"
down_revision = "0003"

SERVICE = "indicators"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _runs()
    _files()
    _deliveries()


def _runs() -> None:
    op.create_table(
        "export_run",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("schedule", sa.Text),
        sa.Column("due_at", INSTANT),
        sa.Column("recipient", sa.Text),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("formats", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("destination", JSONB, nullable=False),
        sa.Column("codes", JSONB),
        sa.Column("rules_version", sa.Text, nullable=False),
        sa.Column("requested_by", sa.Text),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("steps_done", sa.Integer, nullable=False),
        sa.Column("steps_total", sa.Integer, nullable=False),
        sa.Column("claim", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", INSTANT),
        sa.Column("error", sa.Text),
        sa.Column("built_at", INSTANT),
        sa.Column("delivered_at", INSTANT),
        sa.Column("receipt", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_export_run"),
        sa.UniqueConstraint("territory", "schedule", "due_at", name="uq_export_run_due"),
    )
    op.create_index("ix_export_run_next", "export_run", ["next_at"], postgresql_where=sa.text("next_at IS NOT NULL"))
    op.create_index("ix_export_run_listed", "export_run", ["territory", "state", "id"])
    ddl.tenant("export_run", SERVICE, grants="SELECT, INSERT, UPDATE")


def _files() -> None:
    op.create_table(
        "export_file",
        sa.Column("run_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("blob", sa.Text, nullable=False),
        sa.Column("fetched_at", INSTANT),
        sa.Column("fetched_by", sa.Text),
        sa.PrimaryKeyConstraint("run_id", "name", name="pk_export_file"),
        sa.ForeignKeyConstraint(["run_id"], ["export_run.id"], name="fk_export_file_run_id"),
    )
    ddl.tenant("export_file", SERVICE, grants="SELECT, INSERT, UPDATE")


def _deliveries() -> None:
    op.create_table(
        "export_delivery",
        sa.Column("run_id", sa.Uuid, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("outcome", sa.Text),
        sa.Column("receipt", sa.Text),
        sa.PrimaryKeyConstraint("run_id", "attempt", name="pk_export_delivery"),
        sa.ForeignKeyConstraint(["run_id"], ["export_run.id"], name="fk_export_delivery_run_id"),
    )
    ddl.tenant("export_delivery", SERVICE, grants="SELECT, INSERT, UPDATE")
