"""Who accepts new patients, per territory."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0004"
down_revision = "0003"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "acceptance",
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("rpps", sa.Text, nullable=False),
        sa.Column("accepts", sa.Boolean, nullable=False),
        sa.Column("capacity", sa.Integer),
        sa.Column("patients", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("valid_until", sa.Date, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("campaign_id", sa.Uuid),
        sa.Column("rules_version", sa.Text, nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lapsed_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("territory", "rpps", name="pk_acceptance"),
        sa.ForeignKeyConstraint(["rpps"], ["professional.rpps"], name="fk_acceptance_rpps"),
        sa.CheckConstraint("source IN ('self', 'coordinator', 'phone', 'link')", name="ck_acceptance_source"),
    )
    op.create_index(
        "ix_acceptance_running", "acceptance", ["valid_until"], postgresql_where=sa.text("lapsed_at IS NULL")
    )
    ddl.tenant("acceptance", SERVICE, grants="SELECT, INSERT, UPDATE")
    ddl.history("acceptance", "rpps")
