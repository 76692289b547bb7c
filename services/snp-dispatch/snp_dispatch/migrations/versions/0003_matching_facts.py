"""What matching looks at beyond profession, place and time: of the effector, of the slot, of the call."""

from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

STATEMENTS = (
    """
    ALTER TABLE effector
        ADD COLUMN gender text CONSTRAINT ck_effector_gender CHECK (gender IN ('female', 'male')),
        ADD COLUMN languages text[] NOT NULL DEFAULT '{}',
        ADD COLUMN tariff_sector text CONSTRAINT ck_effector_tariff_sector CHECK (tariff_sector IN ('1', '2', '3')),
        ADD COLUMN accessibility text[] NOT NULL DEFAULT '{}'
    """,
    """
    ALTER TABLE slot
        ADD COLUMN acts text[] NOT NULL DEFAULT '{}',
        ADD COLUMN min_age smallint,
        ADD COLUMN max_age smallint,
        ADD COLUMN own_patients_only boolean NOT NULL DEFAULT false,
        ADD COLUMN accessibility text[] NOT NULL DEFAULT '{}',
        ADD COLUMN embargo_until timestamptz,
        ADD COLUMN release_at timestamptz,
        ADD COLUMN release_audience text[] NOT NULL DEFAULT '{}',
        ADD CONSTRAINT ck_slot_age CHECK (min_age <= max_age),
        ADD CONSTRAINT ck_slot_release CHECK ((release_at IS NULL) = (release_audience = '{}'))
    """,
    """
    ALTER TABLE call
        ADD COLUMN book boolean NOT NULL DEFAULT false,
        ADD COLUMN priority smallint NOT NULL DEFAULT 100
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
