"""Where in the story of calls a reader stands; whether the patient of a call was seen."""

from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None

STATEMENTS = (
    # Which transaction told an event: the row's own xmin is the relay's once it was sent.
    "ALTER TABLE outbox ADD COLUMN xid bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint)",
    """
    CREATE INDEX ix_outbox_statuses ON outbox (territory, xid, seq)
        WHERE type NOT LIKE 'fr.cpts.snp-dispatch.slot.%'
    """,
    """
    CREATE INDEX ix_outbox_call ON outbox ((body::jsonb #>> '{data,call_id}'), xid, seq)
        WHERE type NOT LIKE 'fr.cpts.snp-dispatch.slot.%'
    """,
    """
    ALTER TABLE call
        ADD COLUMN loop_end text CONSTRAINT ck_call_loop_end CHECK (loop_end IN ('seen', 'not_seen')),
        ADD COLUMN loop_ended_at timestamptz
    """,
    """
    CREATE INDEX ix_call_loop ON call (deadline)
        WHERE loop_end IS NULL AND state NOT IN ('refused', 'redirected', 'cancelled')
    """,
    "CREATE INDEX ix_call_not_seen ON call (territory, loop_ended_at) WHERE loop_end = 'not_seen'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
