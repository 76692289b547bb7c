"""Who of a territory is self-employed, counted day by day."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0032"
down_revision = "0031"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "workforce_count",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("self_employed", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workforce_count"),
    )
    op.create_index("uq_workforce_count_day", "workforce_count", ["territory", "day"], unique=True)
    # Written once: a day is not counted again.
    ddl.tenant("workforce_count", SERVICE, grants="SELECT, INSERT")
