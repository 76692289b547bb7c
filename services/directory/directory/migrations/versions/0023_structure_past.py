"""Structures as they were before an import changed them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit import ddl

revision = "0023"
down_revision = "0022"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "structure_past",
        sa.Column("finess", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("import_id", sa.Uuid),
        sa.Column("commune", sa.Text),
        sa.Column("state", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("finess", "version", name="pk_structure_past"),
    )
    op.create_index("ix_structure_past_valid_until", "structure_past", ["valid_until"])
    op.create_index("ix_structure_past_commune_valid_until", "structure_past", ["commune", "valid_until"])
    ddl.reference("structure_past", SERVICE, grants="SELECT")
    op.execute("GRANT INSERT, UPDATE, DELETE ON structure_past TO directory_system")
