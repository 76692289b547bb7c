"""Calls of pathways: a new origin, and which visits were asked for or withdrawn."""

from alembic import op

from kit.ddl import tenant

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | None = None
depends_on: str | None = None

STATEMENTS = (
    "ALTER TABLE call DROP CONSTRAINT ck_call_origin",
    """
    ALTER TABLE call ADD CONSTRAINT ck_call_origin
    CHECK (origin IN ('ed', 'single_number', 'sas', 'professional', 'pathway'))
    """,
    """
    CREATE TABLE visit_wish (
        territory text NOT NULL,
        id uuid NOT NULL,
        wanted_at timestamptz,
        withdrawn_at timestamptz,
        CONSTRAINT pk_visit_wish PRIMARY KEY (territory, id)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    tenant("visit_wish", "snp-dispatch", grants="SELECT, INSERT, UPDATE")
