"""Addresses of effectors' own calendars, sealed, with what came of reading them."""

from alembic import op

from kit.ddl import tenant

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | None = None
depends_on: str | None = None

STATEMENTS = (
    """
    CREATE TABLE busy_calendar (
        territory text NOT NULL,
        effector_id text NOT NULL,
        sealed bytea NOT NULL,
        host text NOT NULL,
        version integer NOT NULL,
        set_at timestamptz NOT NULL,
        next_read_at timestamptz NOT NULL,
        read_at timestamptz,
        succeeded_at timestamptz,
        whole_at timestamptz,
        failures integer NOT NULL,
        result text,
        status integer,
        etag text,
        last_modified text,
        periods integer,
        skipped integer,
        withdrawn integer,
        reopened integer,
        conflicts uuid[],
        CONSTRAINT pk_busy_calendar PRIMARY KEY (territory, effector_id),
        CONSTRAINT fk_busy_calendar_effector_id FOREIGN KEY (effector_id) REFERENCES effector (id)
    )
    """,
    "CREATE INDEX ix_busy_calendar_due ON busy_calendar (next_read_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    tenant("busy_calendar", "snp-dispatch")
