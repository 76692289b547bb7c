"""Sums of months, of which figures are counted instead of the rows (docs/adr/0056)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kit import ddl

revision = "0009"
down_revision = "0008"

SERVICE = "indicators"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "month_sum",
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("shape", sa.Text, nullable=False),
        sa.Column("entries", JSONB),
        sa.PrimaryKeyConstraint("territory", "source", "since", name="pk_month_sum"),
    )
    wanted = sa.text("entries IS NULL")
    op.create_index("ix_month_sum_wanted", "month_sum", ["territory", "source", "since"], postgresql_where=wanted)
    # Whoever records facts removes sums, locking them in order before (which takes UPDATE); only the worker makes them.
    ddl.tenant("month_sum", SERVICE, grants="SELECT, UPDATE, DELETE")
    op.execute(f"GRANT INSERT ON month_sum TO {SERVICE}_system")
    # A worker of the release before removes no sum: the first ones are made when it is gone.
    op.execute("INSERT INTO job_run (name, due_at) VALUES ('sum-months', now() + interval '1 hour')")
