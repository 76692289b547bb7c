"""The start for which a visit has its reminders set."""

from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.execute("ALTER TABLE booking ADD COLUMN reminders_for timestamptz")
    op.execute(
        "CREATE INDEX ix_booking_unreminded ON booking (starts_at) "
        "WHERE state = 'confirmed' AND reminders_for IS DISTINCT FROM starts_at"
    )
