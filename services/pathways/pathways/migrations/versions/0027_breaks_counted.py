"""Breaks are counted from an index alone: an overdue step says its pathway."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("step", sa.Column("pathway", sa.Text))
    # Those that are overdue now; the others get it when they become so.
    op.execute(
        "UPDATE step SET pathway = enrolment.template FROM enrolment "
        "WHERE enrolment.id = step.enrolment_id AND step.state = 'overdue'"
    )
    op.create_index(
        "ix_step_breaks_counted",
        "step",
        ["territory", "gravity", "pathway", "due_at"],
        postgresql_include=["rung", "enrolment_id"],
        postgresql_where=sa.text("state = 'overdue'"),
    )
