"""Matching: practices of a professional, what came of the own doctor, who saw whom and how much each carries."""

from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None

STATEMENTS = (
    "ALTER TABLE effector ADD COLUMN sites text[] NOT NULL DEFAULT '{}'",
    "ALTER TABLE call ADD COLUMN regular_doctor jsonb",
    """
    CREATE INDEX ix_booking_load ON booking (territory, effector_id, confirmed_at) WHERE state <> 'cancelled'
    """,
    "CREATE INDEX ix_booking_patient ON booking (patient_ref, starts_at) WHERE patient_ref IS NOT NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
