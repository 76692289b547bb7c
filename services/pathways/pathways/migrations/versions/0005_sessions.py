"""Group sessions: invitations, attendance, documents."""

import sqlalchemy as sa
from alembic import op

from kit import ddl
from pathways.migrations.columns import instants, numbers, reference, stamped, texts

revision = "0005"
down_revision = "0004"

SERVICE = "pathways"
_CHANGED = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    _session()
    _invitation()
    _attendance()
    _document()
    for table, hidden in (
        ("session", ()),
        ("session_invitation", ()),
        ("attendance", ("sealed",)),
        ("session_document", ("blob",)),
    ):
        ddl.tenant(table, SERVICE, grants=_CHANGED)
        ddl.history(table, "id", hidden=hidden)


def _session() -> None:
    stamped(
        "session",
        *texts("kind", "title", "state", "codes_version"),
        *texts("topic", "theme", "place", "cancel_reason", nullable=True),
        *instants("starts_at", "ends_at"),
        *numbers("capacity", nullable=True),
        sa.CheckConstraint("state IN ('planned', 'held', 'cancelled')", name="ck_session_state"),
        sa.CheckConstraint("starts_at < ends_at", name="ck_session_period"),
        sa.UniqueConstraint("territory", "id", name="uq_session_territory_id"),
    )
    op.create_index("ix_session_list", "session", ["territory", "starts_at", "id"])


def _invitation() -> None:
    stamped(
        "session_invitation",
        *reference("session_invitation", "session_id", "session"),
        *texts("rpps", "state"),
        sa.CheckConstraint(
            "state IN ('invited', 'accepted', 'declined', 'withdrawn')", name="ck_session_invitation_state"
        ),
        sa.UniqueConstraint("territory", "session_id", "rpps", name="uq_session_invitation_territory_session_id_rpps"),
    )
    op.create_index("ix_session_invitation_rpps", "session_invitation", ["territory", "rpps", "id"])


def _attendance() -> None:
    stamped(
        "attendance",
        *reference("attendance", "session_id", "session"),
        *texts("audience"),
        *texts("rpps", "profession", nullable=True),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("speaker", sa.Boolean, nullable=False),
        *numbers("people"),
        *instants("removed_at", nullable=True),
        sa.CheckConstraint(
            "audience IN ('professional', 'student', 'patient', 'carer', 'partner', 'public')",
            name="ck_attendance_audience",
        ),
        sa.CheckConstraint("people >= 1", name="ck_attendance_people"),
    )
    op.create_index("ix_attendance_session", "attendance", ["territory", "session_id", "id"])
    standing = sa.text("rpps IS NOT NULL AND removed_at IS NULL")
    op.create_index("uq_attendance_rpps", "attendance", ["session_id", "rpps"], unique=True, postgresql_where=standing)


def _document() -> None:
    stamped(
        "session_document",
        *reference("session_document", "session_id", "session"),
        *texts("kind", "name", "media_type", "sha256", "blob"),
        *numbers("size"),
        *instants("withdrawn_at", nullable=True),
    )
    op.create_index("ix_session_document_session", "session_document", ["territory", "session_id", "id"])
