"""History of tenant rows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit import ddl

revision = "0002"
down_revision = "0001"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("territory", "entity", "key")),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("before", postgresql.JSONB),
        sa.Column("after", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_change"),
    )
    op.create_index("ix_change_row", "change", ["territory", "entity", "key", "version"])
    op.create_index("ix_change_recent", "change", ["territory", "id"])
    ddl.tenant("change", SERVICE, grants="SELECT, INSERT")
    ddl.create_history()
    op.execute(
        "INSERT INTO change (territory, entity, key, version, changed_at, changed_by, after) "
        "SELECT territory, 'participation', rpps, version, changed_at, changed_by, to_jsonb(p) FROM participation p"
    )
    ddl.history("participation", "rpps")
