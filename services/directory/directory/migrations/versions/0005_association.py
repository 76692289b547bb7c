"""Members of the association, fees, mandates."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0005"
down_revision = "0004"

SERVICE = "directory"


def upgrade() -> None:
    running, current = sa.text("ended_on IS NULL"), sa.text("left_on IS NULL")
    op.create_table(
        "mandate",
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("college", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("ends_on > started_on", name="ck_mandate_dates"),
        sa.PrimaryKeyConstraint("territory", "id", name="pk_mandate"),
    )
    op.create_index("ix_mandate_member", "mandate", ["territory", "member_id"])
    op.create_index("ix_mandate_open", "mandate", ["territory", "body"], postgresql_where=running)
    op.create_table(
        "member",
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.LargeBinary(), nullable=False),
        sa.Column("rpps", sa.Text(), nullable=True),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("finess", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("college", sa.Integer(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("convention_signed_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("left_reason", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('adherent', 'associate')", name="ck_member_kind"),
        sa.CheckConstraint("(rpps IS NULL) <> (name_sealed IS NULL)", name="ck_member_rpps_or_name"),
        sa.CheckConstraint("left_on >= joined_on", name="ck_member_dates"),
        sa.PrimaryKeyConstraint("territory", "id", name="pk_member"),
    )
    op.create_index("uq_member_current", "member", ["territory", "person"], unique=True, postgresql_where=current)
    op.create_table(
        "member_fee",
        sa.Column("territory", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=10, scale=2), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("territory", "member_id", "year", name="pk_member_fee"),
    )
    for table in ("member", "member_fee", "mandate"):
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT, UPDATE")
    ddl.history("member", "id", hidden=("person", "name_sealed"))
    ddl.history("member_fee", "member_id", "year")
    ddl.history("mandate", "id", hidden=("person",))
