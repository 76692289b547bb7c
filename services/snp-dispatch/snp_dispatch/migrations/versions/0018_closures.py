"""Closed periods of an agenda."""

from alembic import op

from kit.ddl import tenant

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE closure (
            id uuid NOT NULL,
            territory text NOT NULL,
            effector_id text NOT NULL,
            starts_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL,
            reason text NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_closure PRIMARY KEY (id),
            CONSTRAINT fk_closure_effector_id FOREIGN KEY (effector_id) REFERENCES effector (id)
        )
        """
    )
    op.execute("CREATE INDEX ix_closure_effector ON closure (effector_id, ends_at)")
    tenant("closure", "snp-dispatch")
