"""Batches: all waiting calls given free seats at once."""

from alembic import op

from kit.ddl import tenant

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE assignment (
            id uuid NOT NULL,
            territory text NOT NULL,
            made_at timestamptz NOT NULL,
            made_by text NOT NULL,
            policy_version text NOT NULL,
            calls integer NOT NULL,
            slots integer NOT NULL,
            booked integer NOT NULL,
            outcome jsonb NOT NULL,
            CONSTRAINT pk_assignment PRIMARY KEY (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_assignment_calendar ON assignment (territory, made_at, id)")
    # What was done stays as it was done.
    tenant("assignment", "snp-dispatch", "SELECT, INSERT")
