"""Persons gone from the source, what they were before, and lines kept with a warning."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit import ddl

revision = "0007"
down_revision = "0006"

SERVICE = "directory"


def upgrade() -> None:
    op.add_column("professional", sa.Column("first_seen_at", sa.DateTime(timezone=True)))
    op.add_column("professional", sa.Column("gone_at", sa.DateTime(timezone=True)))
    op.add_column("professional", sa.Column("import_id", sa.Uuid))
    op.create_index("ix_professional_updated_at", "professional", ["updated_at"])
    op.add_column("import_run", sa.Column("scope", sa.Text, nullable=False, server_default="partial"))
    op.add_column("import_run", sa.Column("confirm_gone", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("import_refusal", sa.Column("person", sa.Text))
    only = sa.text("person IS NOT NULL")
    op.create_index("ix_import_refusal_person", "import_refusal", ["import_id", "person"], postgresql_where=only)
    _past()
    _warnings()


def _past() -> None:
    op.create_table(
        "professional_past",
        sa.Column("rpps", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("import_id", sa.Uuid),
        sa.Column("found_under", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("state", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("rpps", "version", name="pk_professional_past"),
    )
    op.create_index("ix_professional_past_valid_until", "professional_past", ["valid_until"])
    op.create_index("ix_professional_past_found_under", "professional_past", ["found_under"], postgresql_using="gin")
    _national("professional_past")


def _warnings() -> None:
    op.create_table(
        "import_warning",
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("source_column", sa.Text),
        sa.Column("detail", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name="fk_import_warning_import_id"),
        sa.PrimaryKeyConstraint("import_id", "line", "cause", name="pk_import_warning"),
    )
    _national("import_warning")


def _national(table: str) -> None:
    ddl.reference(table, SERVICE, grants="SELECT")
    op.execute(f"GRANT INSERT, UPDATE, DELETE ON {table} TO directory_system")
