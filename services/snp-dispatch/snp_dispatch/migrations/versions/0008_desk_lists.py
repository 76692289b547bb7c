"""What the lists of desks filter by, and their indexes."""

from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None

STATEMENTS = (
    """
    ALTER TABLE call
        ADD COLUMN organisation text GENERATED ALWAYS AS (caller ->> 'organisation') STORED,
        ADD COLUMN commune text GENERATED ALWAYS AS (patient ->> 'commune') STORED,
        ADD COLUMN profession text GENERATED ALWAYS AS (need ->> 'profession') STORED,
        ADD COLUMN specialty text GENERATED ALWAYS AS (need ->> 'specialty') STORED
    """,
    "CREATE INDEX ix_call_deadline ON call (territory, deadline, id)",
    "CREATE INDEX ix_call_client ON call (territory, client, received_at, id)",
    "CREATE INDEX ix_call_organisation ON call (territory, organisation, received_at, id)",
    "CREATE INDEX ix_call_commune ON call (territory, commune, received_at, id)",
    "CREATE INDEX ix_call_profession ON call (territory, profession, received_at, id)",
    "CREATE INDEX ix_booking_commune ON booking (territory, commune, starts_at, id)",
    "CREATE INDEX ix_booking_confirmed ON booking (territory, confirmed_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
