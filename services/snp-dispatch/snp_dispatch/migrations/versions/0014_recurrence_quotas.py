"""Availabilities by rule, with exceptions and holidays; quotas by organisation."""

from alembic import op

from kit.ddl import tenant

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | None = None
depends_on: str | None = None

STATEMENTS = (
    """
    ALTER TABLE availability
        ADD COLUMN rrule text,
        ADD COLUMN except_dates date[] NOT NULL DEFAULT '{}',
        ADD COLUMN extra_dates date[] NOT NULL DEFAULT '{}',
        ADD COLUMN skip_holidays boolean NOT NULL DEFAULT false
    """,
    """
    CREATE TABLE quota (
        id uuid NOT NULL,
        territory text NOT NULL,
        effector_id text NOT NULL,
        organisation text,
        period text NOT NULL,
        max_slots smallint NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT pk_quota PRIMARY KEY (id),
        CONSTRAINT fk_quota_effector_id FOREIGN KEY (effector_id) REFERENCES effector (id),
        CONSTRAINT ck_quota_period CHECK (period IN ('day', 'week')),
        CONSTRAINT ck_quota_max_slots CHECK (max_slots >= 0)
    )
    """,
    "CREATE UNIQUE INDEX uq_quota ON quota (territory, effector_id, coalesce(organisation, ''), period)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    tenant("quota", "snp-dispatch")
