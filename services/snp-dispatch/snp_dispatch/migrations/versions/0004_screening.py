"""What a decision rested on: whether its policy was validated, which contact data came with the call."""

from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE call
            ADD COLUMN policy_validated boolean NOT NULL DEFAULT false,
            ADD COLUMN contact_fields text[] NOT NULL DEFAULT '{}'
        """
    )
