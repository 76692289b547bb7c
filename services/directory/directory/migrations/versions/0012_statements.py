"""Statements of a territory about professionals and structures."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit import ddl

revision = "0012"
down_revision = "0011"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "statement",
        *(sa.Column(name, sa.Text, nullable=False) for name in ("territory", "about", "kind", "place")),
        sa.Column("value", postgresql.JSONB, nullable=False),
        sa.Column("codes", sa.ARRAY(sa.Text), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("source", "kinds_version")),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declared_by", sa.Text, nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True)) for name in ("valid_until", "withdrawn_at", "lapsed_at")),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("territory", "about", "kind", "place", name="pk_statement"),
    )
    op.create_index("ix_statement_found", "statement", ["territory", "kind", "about"])
    lapsing = sa.text("withdrawn_at IS NULL AND lapsed_at IS NULL AND valid_until IS NOT NULL")
    op.create_index("ix_statement_lapsing", "statement", ["valid_until"], postgresql_where=lapsing)
    ddl.tenant("statement", SERVICE, grants="SELECT, INSERT, UPDATE")
    ddl.history("statement", "about", "kind", "place")
