"""Erasing a patient: who asked, proofs; only the system role removes rows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit import ddl

revision = "0008"
down_revision = "0007"

SERVICE = "pathways"
HELD = "enrolment_booking, step, consent, objection, break_glass, team_member, enrolment, patient_key, change"


def upgrade() -> None:
    op.execute("ALTER TABLE patient ADD COLUMN erasure_reason text")
    op.create_index("ix_patient_erasure", "patient", ["id"], postgresql_where=sa.text("erasure_reason IS NOT NULL"))
    op.create_table(
        "erasure_proof",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("class", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("rules_version", sa.Text, nullable=False),
        sa.Column("patient_digest", sa.LargeBinary),
        sa.Column("row_counts", postgresql.JSONB, nullable=False),
        sa.Column("seal", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasure_proof"),
    )
    op.create_index("ix_erasure_proof_territory_id", "erasure_proof", ["territory", "id"])
    ddl.tenant("erasure_proof", SERVICE, grants="SELECT")
    op.execute("GRANT INSERT ON erasure_proof TO pathways_system")
    op.execute(f"GRANT DELETE ON {HELD} TO pathways_system")
    # Tables that come later hold rows of patients too: the job can erase them without a word in each migration.
    op.execute("ALTER DEFAULT PRIVILEGES GRANT DELETE ON TABLES TO pathways_system")
