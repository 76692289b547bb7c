"""Versions of published lists. Requests may add them and never change them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit import ddl

revision = "0008"
down_revision = "0007"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.Uuid, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("territory", "list", "title", "changed_by")),
        *(sa.Column(name, postgresql.JSONB, nullable=False) for name in ("columns", "files")),
        *(
            sa.Column(name, sa.Integer, nullable=False)
            for name in ("number", "row_count", "added", "gone", "changed", "version")
        ),
        sa.Column("previous_id", sa.Uuid),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("published_at", "changed_at")),
        sa.PrimaryKeyConstraint("id", name="pk_publication"),
    )
    op.create_index("uq_publication_number", "publication", ["territory", "list", "number"], unique=True)
    op.create_table(
        "publication_row",
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("publication_id", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("cells", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("publication_id", "position", name="pk_publication_row"),
        sa.ForeignKeyConstraint(["publication_id"], ["publication.id"], name="fk_publication_row_publication_id"),
    )
    for table in ("publication", "publication_row"):
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT")
    ddl.history("publication", "id", hidden=("files",))
