"""Documents of meetings, and convocations sent."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0029"
down_revision = "0028"

SERVICE = "directory"


def upgrade() -> None:
    _document()
    _convocation()
    ddl.tenant("meeting_document", SERVICE, grants="SELECT, INSERT, UPDATE")
    ddl.history("meeting_document", "id")
    ddl.tenant("convocation", SERVICE, grants="SELECT, INSERT")
    ddl.history("convocation", "id")


def _texts(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _ids(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Uuid, nullable=False) for name in names]


def _numbers(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


def _changed() -> list[sa.Column[object]]:
    return [
        *_numbers("version"),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        *_texts("changed_by"),
    ]


def _document() -> None:
    op.create_table(
        "meeting_document",
        *_ids("id", "meeting_id"),
        *_texts("territory", "kind", "name", "media_type", "sha256", "blob"),
        *_numbers("edition", "size"),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        *_changed(),
        sa.CheckConstraint(
            "kind IN ('convocation', 'accounts', 'budget', 'report', 'minutes', 'other')",
            name="ck_meeting_document_kind",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_document"),
        sa.UniqueConstraint("territory", "meeting_id", "kind", "edition", name="uq_meeting_document_edition"),
    )


def _convocation() -> None:
    op.create_table(
        "convocation",
        *_ids("id", "meeting_id"),
        *_texts("territory", "rules_version"),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        *_numbers("notice_days", "written"),
        sa.Column("asked_days", sa.Integer),
        sa.Column("late", sa.Boolean, nullable=False),
        sa.Column("unreachable", sa.ARRAY(sa.Uuid), nullable=False),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_convocation"),
    )
    op.create_index("ix_convocation_meeting", "convocation", ["territory", "meeting_id", "id"])
