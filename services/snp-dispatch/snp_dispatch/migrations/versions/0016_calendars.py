"""Agendas out and in: private addresses, busy time."""

from alembic import op

from kit.ddl import tenant

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | None = None
depends_on: str | None = None

STATEMENTS = (
    """
    CREATE TABLE calendar_feed (
        id uuid NOT NULL,
        territory text NOT NULL,
        effector_id text NOT NULL,
        digest bytea NOT NULL,
        created_at timestamptz NOT NULL,
        revoked_at timestamptz,
        CONSTRAINT pk_calendar_feed PRIMARY KEY (id),
        CONSTRAINT fk_calendar_feed_effector_id FOREIGN KEY (effector_id) REFERENCES effector (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_calendar_feed_digest ON calendar_feed (digest)",
    "CREATE INDEX ix_calendar_feed_effector ON calendar_feed (effector_id, id)",
    """
    CREATE TABLE busy_period (
        territory text NOT NULL,
        effector_id text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        CONSTRAINT pk_busy_period PRIMARY KEY (territory, effector_id, starts_at, ends_at)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    tenant("calendar_feed", "snp-dispatch")
    tenant("busy_period", "snp-dispatch")
