"""Structures as FINESS describes them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit import ddl

revision = "0010"
down_revision = "0009"

SERVICE = "directory"


def upgrade() -> None:
    for name in ("legal_entity", "category", "street", "city", "phone", "siret"):
        op.add_column("structure", sa.Column(name, sa.Text))
    for name in ("opened_on", "closed_on"):
        op.add_column("structure", sa.Column(name, sa.Date))
    for name in ("latitude", "longitude"):
        op.add_column("structure", sa.Column(name, sa.Float))
    op.add_column("structure", sa.Column("source", sa.Text, nullable=False, server_default="rpps"))
    op.add_column("structure", sa.Column("places", postgresql.JSONB, nullable=False, server_default="{}"))
    op.add_column("structure", sa.Column("capacity", sa.Integer))
    op.add_column("structure", sa.Column("gone_at", sa.DateTime(timezone=True)))
    op.add_column("structure", sa.Column("import_id", sa.Uuid))
    op.create_index("ix_structure_category", "structure", ["category", "commune"])
    op.create_table(
        "finess_staging",
        sa.Column("line", sa.Integer, autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("finess", "kind", "facts")),
        sa.PrimaryKeyConstraint("line", name="pk_finess_staging"),
    )
    op.create_index("ix_finess_staging_finess_line", "finess_staging", ["finess", "line"])
    ddl.reference("finess_staging", SERVICE, grants="SELECT")
    op.execute("GRANT INSERT, UPDATE, DELETE, TRUNCATE ON finess_staging TO directory_system")
