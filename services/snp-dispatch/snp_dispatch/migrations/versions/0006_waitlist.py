"""The waitlist: its order, when slots were last looked for, and what was offered."""

from alembic import op

from kit.ddl import tenant

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

STATEMENTS = (
    # Never null, so that the oldest is found by the index alone.
    "ALTER TABLE call ADD COLUMN searched_at timestamptz NOT NULL DEFAULT now()",
    """
    CREATE INDEX ix_call_waiting ON call (territory, priority, deadline, received_at, id) WHERE state = 'waiting'
    """,
    "CREATE INDEX ix_call_searched ON call (searched_at) WHERE state = 'waiting'",
    """
    CREATE TABLE seat_offer (
        hold_id uuid NOT NULL,
        territory text NOT NULL,
        call_id uuid NOT NULL,
        slot_id uuid NOT NULL,
        offered_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT pk_seat_offer PRIMARY KEY (hold_id),
        CONSTRAINT fk_seat_offer_hold_id FOREIGN KEY (hold_id) REFERENCES hold (id),
        CONSTRAINT fk_seat_offer_call_id FOREIGN KEY (call_id) REFERENCES call (id),
        CONSTRAINT fk_seat_offer_slot_id FOREIGN KEY (slot_id) REFERENCES slot (id)
    )
    """,
    "CREATE INDEX ix_seat_offer_call ON seat_offer (call_id, offered_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    tenant("seat_offer", "snp-dispatch")
