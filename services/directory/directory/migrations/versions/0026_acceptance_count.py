"""Who of the general practitioners accepts new patients, counted day by day."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0026"
down_revision = "0025"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "acceptance_count",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("general_practitioners", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("accepting", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_acceptance_count"),
    )
    op.create_index("uq_acceptance_count_day", "acceptance_count", ["territory", "day"], unique=True)
    # Written once: a day is not counted again.
    ddl.tenant("acceptance_count", SERVICE, grants="SELECT, INSERT")
    ddl.history("acceptance_count", "id")
