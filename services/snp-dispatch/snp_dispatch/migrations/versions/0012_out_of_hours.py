"""What a call was told of the night or holiday that its wait crosses."""

from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.execute("ALTER TABLE call ADD COLUMN out_of_hours jsonb")
