"""What an approval hides, decided once; runs of exports that wait for the approval of their period."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # Null: approved before this was kept; what was hidden then follows from the figure alone.
    op.add_column("figure_version", sa.Column("hidden", JSONB))
    op.add_column("export_run", sa.Column("inside", sa.Boolean, nullable=False, server_default="false"))
    # What somebody ordered by hand is read by who ordered it; what is owed goes outside until the schedule says else.
    op.execute("UPDATE export_run SET inside = true WHERE requested_by IS NOT NULL")
    op.add_column("export_run", sa.Column("waits_since", sa.DateTime(timezone=True)))
    op.add_column("export_run", sa.Column("provisional", sa.Boolean))
    op.create_index(
        "ix_export_run_waiting",
        "export_run",
        ["territory", "period"],
        postgresql_where=sa.text("state = 'waiting_for_approval'"),
    )
