"""Extra seats: bookings beyond the seats of a slot, and who gave them."""

from alembic import op

from kit.ddl import tenant

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | None = None
depends_on: str | None = None

STATEMENTS = (
    "ALTER TABLE booking ADD COLUMN overbooked boolean NOT NULL DEFAULT false",
    "CREATE INDEX ix_booking_overbooked ON booking (slot_id) WHERE overbooked",
    """
    CREATE TABLE overbooking (
        id uuid NOT NULL,
        territory text NOT NULL,
        booking_id uuid NOT NULL,
        call_id uuid NOT NULL,
        slot_id uuid NOT NULL,
        effector_id text NOT NULL,
        made_at timestamptz NOT NULL,
        client text NOT NULL,
        role text,
        organisation text,
        rpps text,
        reason text NOT NULL,
        extra integer NOT NULL,
        policy_version text NOT NULL,
        CONSTRAINT pk_overbooking PRIMARY KEY (id),
        CONSTRAINT fk_overbooking_booking_id FOREIGN KEY (booking_id) REFERENCES booking (id)
    )
    """,
    "CREATE INDEX ix_overbooking_made_at ON overbooking (territory, made_at, id)",
    "CREATE UNIQUE INDEX ix_overbooking_booking_id ON overbooking (booking_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    # An audit: what was written stays.
    tenant("overbooking", "snp-dispatch", "SELECT, INSERT")
