"""Gravity of a break; indexes of the lists for desks."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE step ADD COLUMN gravity smallint NOT NULL DEFAULT 2")
    op.execute("ALTER TABLE step ALTER COLUMN gravity DROP DEFAULT")
    op.create_check_constraint(op.f("ck_step_gravity"), "step", "gravity BETWEEN 1 AND 3")
    overdue = sa.text("state = 'overdue'")
    op.create_index("ix_step_breaks", "step", ["territory", "gravity", "due_at", "id"], postgresql_where=overdue)
    still_open = sa.text("state IN ('planned', 'due', 'overdue')")
    op.create_index("ix_step_open_of_enrolment", "step", ["enrolment_id", "due_at", "id"], postgresql_where=still_open)
    restricted = sa.text("restricted_at IS NOT NULL")
    op.create_index("ix_patient_restricted", "patient", ["id"], postgresql_where=restricted)
    op.create_index("ix_objection_standing", "objection", ["against"], postgresql_where=sa.text("withdrawn_at IS NULL"))
