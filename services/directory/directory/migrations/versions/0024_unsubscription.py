"""Addresses that want no more newsletters."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0024"
down_revision = "0023"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "unsubscription",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unsubscription"),
    )
    op.create_index("uq_unsubscription_address", "unsubscription", ["territory", "address"], unique=True)
    ddl.tenant("unsubscription", SERVICE, grants="SELECT, INSERT, UPDATE")
    ddl.history("unsubscription", "id", hidden=("address",))
