"""The offer: what an availability's slots carry, audiences that grow with time, pauses."""

from alembic import op

from kit.ddl import tenant

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None

STATEMENTS = (
    """
    ALTER TABLE availability
        ADD COLUMN capacity smallint NOT NULL DEFAULT 1
            CONSTRAINT ck_availability_capacity CHECK (capacity BETWEEN 1 AND 50),
        ADD COLUMN acts text[] NOT NULL DEFAULT '{}',
        ADD COLUMN min_age smallint,
        ADD COLUMN max_age smallint,
        ADD COLUMN own_patients_only boolean NOT NULL DEFAULT false,
        ADD COLUMN accessibility text[] NOT NULL DEFAULT '{}',
        ADD COLUMN embargo_minutes integer,
        ADD COLUMN release_minutes integer,
        ADD COLUMN release_audience text[] NOT NULL DEFAULT '{}',
        ADD CONSTRAINT ck_availability_age CHECK (min_age <= max_age),
        ADD CONSTRAINT ck_availability_release CHECK ((release_minutes IS NULL) = (release_audience = '{}'))
    """,
    "ALTER TABLE slot ADD COLUMN opens_at timestamptz",
    "CREATE INDEX ix_slot_opening ON slot (opens_at) WHERE opens_at IS NOT NULL AND withdrawn_at IS NULL",
    """
    CREATE TABLE pause (
        id uuid NOT NULL,
        territory text NOT NULL,
        effector_id text NOT NULL,
        starts_at timestamptz NOT NULL,
        until timestamptz,
        reason text NOT NULL,
        ended_at timestamptz,
        version smallint NOT NULL,
        CONSTRAINT pk_pause PRIMARY KEY (id),
        CONSTRAINT fk_pause_effector_id FOREIGN KEY (effector_id) REFERENCES effector (id)
    )
    """,
    "CREATE UNIQUE INDEX uq_pause_open ON pause (territory, effector_id) WHERE ended_at IS NULL",
    "CREATE INDEX ix_pause_due ON pause (until) WHERE ended_at IS NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    tenant("pause", "snp-dispatch")
