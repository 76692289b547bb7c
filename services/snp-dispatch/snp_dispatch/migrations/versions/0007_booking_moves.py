"""What became of a booking before now: its moves."""

from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.execute("ALTER TABLE booking ADD COLUMN moves jsonb NOT NULL DEFAULT '[]'")
