"""Which event said when and where a visit is."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE enrolment_booking ADD COLUMN visit_version integer NOT NULL DEFAULT 0")
    op.execute("UPDATE enrolment_booking SET visit_version = 1 WHERE starts_at IS NOT NULL")
