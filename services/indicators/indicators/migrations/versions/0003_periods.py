"""Periods with their history, approved figures, and facts that came late."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kit import ddl

revision = "0003"
down_revision = "0002"

SERVICE = "indicators"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _periods()
    _history()
    _figures()
    _late_facts()


def _periods() -> None:
    op.create_table(
        "reporting_period",
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("period_id", sa.Text, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("submitted_at", INSTANT),
        sa.Column("submitted_by", sa.Text),
        sa.Column("approvals", sa.Integer, nullable=False, server_default="0"),
        sa.Column("approved_at", INSTANT),
        sa.Column("approved_by", sa.Text),
        sa.Column("locked_at", INSTANT),
        sa.Column("locked_by", sa.Text),
        sa.Column("late_facts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("late_newest", INSTANT),
        sa.PrimaryKeyConstraint("territory", "period_id", name="pk_reporting_period"),
    )
    ddl.tenant("reporting_period", SERVICE, grants="SELECT, INSERT, UPDATE")


def _history() -> None:
    op.create_table(
        "period_event",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("period_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("verb", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("facts", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_period_event"),
    )
    op.create_index("ix_period_event_period", "period_event", ["territory", "period_id", "id"])
    # Written once, as facts are: nobody may change or remove what was done.
    ddl.tenant("period_event", SERVICE, grants="SELECT, INSERT")


def _figures() -> None:
    op.create_table(
        "figure_version",
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("period_id", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("indicator_id", sa.Text, nullable=False),
        sa.Column("definition_version", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("origin", sa.Text),
        sa.Column("numerator", sa.BigInteger),
        sa.Column("denominator", sa.BigInteger),
        sa.Column("value", sa.Numeric),
        sa.Column("breakdown", JSONB, nullable=False),
        sa.Column("apart", JSONB, nullable=False),
        sa.Column("judgement", JSONB, nullable=False),
        sa.Column("masked", sa.Boolean, nullable=False),
        sa.Column("gaps", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("as_of", INSTANT),
        sa.Column("evidence_count", sa.Integer, nullable=False),
        sa.Column("evidence_digest", sa.Text, nullable=False),
        sa.Column("approved_at", INSTANT, nullable=False),
        sa.Column("approved_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("territory", "period_id", "number", "indicator_id", name="pk_figure_version"),
    )
    # An approved figure is a version: the next approval adds another, nobody changes or removes this one.
    ddl.tenant("figure_version", SERVICE, grants="SELECT, INSERT")


def _late_facts() -> None:
    op.create_table(
        "late_fact",
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("period_id", sa.Text, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("arrived_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("territory", "period_id", "event_id", name="pk_late_fact"),
    )
    op.create_index("ix_late_fact_arrived_at", "late_fact", ["territory", "period_id", "number", "arrived_at"])
    ddl.tenant("late_fact", SERVICE, grants="SELECT, INSERT")
