"""Time that professionals declare, and what is owed for it."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0017"
down_revision = "0016"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "indemnity",
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rpps", sa.Text(), nullable=False),
        sa.Column("profession", sa.Text(), nullable=False),
        sa.Column("mission", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("declared_by", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("per_hour", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("payable", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("rules_version", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('declared', 'approved', 'refused', 'paid')", name="ck_indemnity_state"),
        sa.CheckConstraint("payable <= amount", name="ck_indemnity_payable"),
        sa.PrimaryKeyConstraint("territory", "id", name="pk_indemnity"),
    )
    op.create_index("ix_indemnity_person", "indemnity", ["territory", "rpps", "day"])
    op.create_index("ix_indemnity_state", "indemnity", ["territory", "state", "id"])
    ddl.tenant("indemnity", SERVICE, grants="SELECT, INSERT, UPDATE")
    ddl.history("indemnity", "id")
