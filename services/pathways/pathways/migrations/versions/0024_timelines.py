"""When the dispatch was asked for a visit; searches and proposals of one patient."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    # What was asked for before has no such instant: its moment is not on timelines.
    op.add_column("step_visit", sa.Column("asked_at", sa.DateTime(timezone=True)))
    for table in ("doctor_search", "doctor_proposal"):
        op.create_index(f"ix_{table}_patient", table, ["territory", "patient_id"])
