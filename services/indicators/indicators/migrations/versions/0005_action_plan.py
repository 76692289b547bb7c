"""Maturity and progress of the action plan, amounts of the agreement (ACI)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kit import ddl

revision = "0005"
down_revision = "0004"

SERVICE = "indicators"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _maturity()
    _progress()
    _amounts()
    for table in ("maturity_note", "progress_note", "aci_amounts"):
        # Written once: a correction is another row.
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT")


def _maturity() -> None:
    op.create_table(
        "maturity_note",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("sheet", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("level", sa.SmallInteger, nullable=False),
        sa.Column("was", sa.SmallInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("plan_version", sa.Text, nullable=False),
        sa.Column("noted_by", sa.Text, nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_maturity_note"),
        sa.UniqueConstraint("territory", "sheet", "number", name="uq_maturity_note_number"),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="ck_maturity_note_level"),
    )


def _progress() -> None:
    op.create_table(
        "progress_note",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("sheet", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("step", sa.Text),
        sa.Column("state", sa.Text),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("proof_link", sa.Text),
        sa.Column("proof_reference", sa.Text),
        sa.Column("plan_version", sa.Text, nullable=False),
        sa.Column("noted_by", sa.Text, nullable=False),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_progress_note"),
        sa.UniqueConstraint("territory", "sheet", "number", name="uq_progress_note_number"),
        sa.CheckConstraint("state IN ('planned', 'begun', 'done')", name="ck_progress_note_state"),
        sa.CheckConstraint("state IS NULL OR step IS NOT NULL", name="ck_progress_note_state_of_step"),
        sa.CheckConstraint(
            "state IS DISTINCT FROM 'done' OR proof_link IS NOT NULL OR proof_reference IS NOT NULL",
            name="ck_progress_note_done_is_proved",
        ),
    )
    op.create_index("ix_progress_note_step", "progress_note", ["territory", "step", "number"])


def _amounts() -> None:
    op.create_table(
        "aci_amounts",
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("amounts", JSONB, nullable=False),
        sa.Column("entered_by", sa.Text, nullable=False),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("territory", "number", name="pk_aci_amounts"),
    )
