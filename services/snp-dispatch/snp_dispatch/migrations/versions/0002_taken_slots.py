"""Slots whose only seat is claimed leave the search index."""

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

STATEMENTS = (
    "ALTER TABLE slot ADD COLUMN taken boolean NOT NULL DEFAULT false",
    "UPDATE slot SET taken = true FROM seat_claim c WHERE c.slot_id = slot.id AND slot.capacity = 1",
    "DROP INDEX ix_slot_search",
    "DROP INDEX ix_slot_video",
    """
    CREATE INDEX ix_slot_search ON slot (territory, profession, commune, starts_at, id)
        WHERE withdrawn_at IS NULL AND NOT taken
    """,
    """
    CREATE INDEX ix_slot_video ON slot (territory, profession, starts_at, id)
        WHERE withdrawn_at IS NULL AND NOT taken AND mode = 'VR'
    """,
    "CREATE INDEX ix_seat_claim_lapse ON seat_claim (territory, expires_at) WHERE expires_at IS NOT NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
