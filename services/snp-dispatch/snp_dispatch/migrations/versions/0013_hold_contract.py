"""Holds as a contract: a number that grows with every holder, one extension, a warning before the end."""

from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | None = None
depends_on: str | None = None

STATEMENTS = (
    # Drawn under the lock of the slot: of two holders of a seat, the later one always has the greater number.
    "CREATE SEQUENCE hold_fence",
    "GRANT USAGE ON SEQUENCE hold_fence TO snp_dispatch_app, snp_dispatch_system",
    """
    ALTER TABLE hold
        ADD COLUMN version integer NOT NULL DEFAULT 1,
        ADD COLUMN fence bigint NOT NULL DEFAULT nextval('hold_fence'),
        ADD COLUMN extended_at timestamptz,
        ADD COLUMN warn_at timestamptz,
        ADD COLUMN transferred_to text
    """,
    "CREATE INDEX ix_hold_warning ON hold (warn_at) WHERE state = 'active' AND warn_at IS NOT NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
