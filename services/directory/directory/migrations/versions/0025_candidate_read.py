"""Who read whom a project to settle is about."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0025"
down_revision = "0024"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "candidate_read",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("installation_id", sa.Uuid, nullable=False),
        sa.Column("role", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["installation_id"], ["installation.id"], name="fk_candidate_read_installation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_candidate_read"),
    )
    op.create_index("ix_candidate_read_installation_id", "candidate_read", ["installation_id"])
    # Written once: nobody may change who read what.
    ddl.tenant("candidate_read", SERVICE, grants="SELECT, INSERT")
    ddl.history("candidate_read", "id")
