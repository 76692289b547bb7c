"""How funding was shared among members."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit import ddl

revision = "0031"
down_revision = "0030"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "funding_share",
        *_ids("id"),
        *_texts("territory", "state"),
        sa.Column("number", sa.Integer),
        sa.Column("edition", sa.Integer, nullable=False),
        *_texts("pot"),
        sa.Column("total", sa.Numeric(12, 2), nullable=False),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("to_on", sa.Date, nullable=False),
        sa.Column("terms", postgresql.JSONB, nullable=False),
        sa.Column("replaces_id", sa.Uuid),
        sa.Column("reason", sa.Text),
        sa.Column("ballot_id", sa.Uuid),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        *_changed(),
        sa.CheckConstraint("state IN ('draft', 'approved', 'discarded')", name="ck_funding_share_state"),
        sa.CheckConstraint("(state = 'approved') = (number IS NOT NULL)", name="ck_funding_share_number"),
        sa.PrimaryKeyConstraint("id", name="pk_funding_share"),
        sa.UniqueConstraint("territory", "number", "edition", name="uq_funding_share_number"),
    )
    op.create_table(
        "funding_line",
        *_texts("territory"),
        *_ids("share_id", "member_id"),
        sa.Column("amount", sa.Numeric(12, 2), nullable=False),
        *_texts("exact"),
        sa.Column("slices", postgresql.JSONB, nullable=False),
        *_changed(),
        sa.CheckConstraint("amount >= 0", name="ck_funding_line_amount"),
        sa.PrimaryKeyConstraint("territory", "share_id", "member_id", name="pk_funding_line"),
        sa.ForeignKeyConstraint(["share_id"], ["funding_share.id"], name="fk_funding_line_share_id"),
    )
    ddl.tenant("funding_share", SERVICE, grants="SELECT, INSERT, UPDATE")
    ddl.history("funding_share", "id")
    ddl.tenant("funding_line", SERVICE, grants="SELECT, INSERT")
    ddl.history("funding_line", "share_id", "member_id")


def _texts(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _ids(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Uuid, nullable=False) for name in names]


def _changed() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        *_texts("changed_by"),
    ]
