"""Minutes of meetings and who signed them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit import ddl

revision = "0030"
down_revision = "0029"

SERVICE = "directory"


def upgrade() -> None:
    op.create_table(
        "minutes",
        *_texts("territory"),
        *_ids("meeting_id"),
        *_texts("state"),
        sa.Column("number", sa.Integer),
        sa.Column("texts", postgresql.JSONB, nullable=False),
        sa.Column("approval", postgresql.JSONB),
        sa.Column("approved_at", sa.DateTime(timezone=True)),
        sa.Column("pdf_sha256", sa.Text),
        sa.Column("pdf_sealed", sa.LargeBinary),
        sa.Column("html_sealed", sa.LargeBinary),
        *_changed(),
        sa.CheckConstraint("state IN ('draft', 'approved')", name="ck_minutes_state"),
        sa.CheckConstraint("(state = 'approved') = (number IS NOT NULL)", name="ck_minutes_number"),
        sa.PrimaryKeyConstraint("territory", "meeting_id", name="pk_minutes"),
        sa.UniqueConstraint("territory", "number", name="uq_minutes_number"),
    )
    op.create_table(
        "minutes_signature",
        *_texts("territory"),
        *_ids("meeting_id", "member_id"),
        *_texts("role"),
        sa.Column("text_version", sa.Integer, nullable=False),
        *_changed(),
        sa.PrimaryKeyConstraint("territory", "meeting_id", "member_id", name="pk_minutes_signature"),
    )
    for table, *keys in (("minutes", "meeting_id"), ("minutes_signature", "meeting_id", "member_id")):
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT, UPDATE")
        ddl.history(table, *keys, hidden=("pdf_sealed", "html_sealed"))


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
