"""Durable timers, escalation ladders and the steps that calls take on them."""

from alembic import op

from kit.ddl import reference, tenant

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | None = None
depends_on: str | None = None

SERVICE = "snp-dispatch"

STATEMENTS = (
    """
    CREATE TABLE timer (
        id uuid NOT NULL,
        territory text NOT NULL,
        kind text NOT NULL,
        subject_id uuid NOT NULL,
        due_at timestamptz NOT NULL,
        try_at timestamptz NOT NULL,
        attempts smallint NOT NULL,
        payload jsonb NOT NULL,
        fired_at timestamptz,
        CONSTRAINT pk_timer PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX ix_timer_due ON timer (try_at, id) WHERE fired_at IS NULL",
    "CREATE UNIQUE INDEX uq_timer_pending ON timer (kind, subject_id) WHERE fired_at IS NULL",
    """
    CREATE TABLE ladder (
        digest text NOT NULL,
        version text NOT NULL,
        content jsonb NOT NULL,
        kept_at timestamptz NOT NULL,
        CONSTRAINT pk_ladder PRIMARY KEY (digest)
    )
    """,
    """
    CREATE TABLE escalation_step (
        call_id uuid NOT NULL,
        position smallint NOT NULL,
        territory text NOT NULL,
        kind text NOT NULL,
        outcome text NOT NULL,
        detail jsonb NOT NULL,
        done_at timestamptz NOT NULL,
        CONSTRAINT pk_escalation_step PRIMARY KEY (call_id, position),
        CONSTRAINT fk_escalation_step_call_id FOREIGN KEY (call_id) REFERENCES call (id),
        CONSTRAINT ck_escalation_step_outcome CHECK (outcome IN ('done', 'skipped'))
    )
    """,
    "ALTER TABLE call ADD COLUMN ladder text, ADD COLUMN escalating boolean NOT NULL DEFAULT false",
    """
    CREATE INDEX ix_call_to_escalate ON call (id)
        WHERE state = 'waiting' AND NOT escalating AND ladder IS NOT NULL
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    tenant("timer", SERVICE)
    tenant("escalation_step", SERVICE)
    reference("ladder", SERVICE, "SELECT, INSERT")
