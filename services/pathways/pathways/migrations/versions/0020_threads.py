"""Exchanges between professionals: threads, participants, messages, receipts, files."""

import sqlalchemy as sa
from alembic import op

from kit import ddl
from pathways.migrations.columns import ids, instants, numbers, reference, stamped, texts

revision = "0020"
down_revision = "0019"

SERVICE = "pathways"
_HIDDEN = {
    "thread": ("subject", "wrapped"),
    "thread_participant": ("contact",),
    "thread_message": ("body",),
    "thread_file": ("name",),
}


def upgrade() -> None:
    _threads()
    _messages()
    for table in (*_HIDDEN, "thread_read"):
        op.create_index(f"ix_{table}_territory_patient_id", table, ["territory", "patient_id"])
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT, UPDATE")
    for table, hidden in _HIDDEN.items():
        ddl.history(table, "id", hidden=hidden)


def _threads() -> None:
    stamped(
        "thread",
        *ids("patient_id", "enrolment_id", nullable=True),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("wrapped", sa.LargeBinary),
        *texts("master", nullable=True),
        *instants("opened_at"),
        *instants("closed_at", nullable=True),
        sa.CheckConstraint("(patient_id IS NULL) = (enrolment_id IS NULL)", name="ck_thread_enrolment"),
        sa.CheckConstraint("(patient_id IS NULL) = (wrapped IS NOT NULL)", name="ck_thread_key"),
        _of("thread", "patient"),
        _of("thread", "enrolment"),
    )
    stamped(
        "thread_participant",
        *ids("patient_id", nullable=True),
        *reference("thread_participant", "thread_id", "thread"),
        *texts("person"),
        sa.Column("contact", sa.LargeBinary, nullable=False),
        *instants("joined_at"),
        *instants("left_at", nullable=True),
        _of("thread_participant", "patient"),
    )
    op.create_index(
        "uq_thread_participant_standing",
        "thread_participant",
        ["territory", "thread_id", "person"],
        unique=True,
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_index("ix_thread_participant_person", "thread_participant", ["territory", "person", "thread_id"])


def _messages() -> None:
    stamped(
        "thread_message",
        *ids("patient_id", nullable=True),
        *reference("thread_message", "thread_id", "thread"),
        *texts("author"),
        sa.Column("body", sa.LargeBinary, nullable=False),
        *instants("written_at"),
        _of("thread_message", "patient"),
    )
    op.create_index("ix_thread_message_thread", "thread_message", ["territory", "thread_id", "id"])
    op.create_table(
        "thread_read",
        *ids("id"),
        *texts("territory", "person"),
        *ids("patient_id", nullable=True),
        *reference("thread_read", "message_id", "thread_message"),
        *instants("read_at"),
        sa.PrimaryKeyConstraint("id", name="pk_thread_read"),
        sa.UniqueConstraint("territory", "message_id", "person", name="uq_thread_read_territory_message_id_person"),
        _of("thread_read", "patient"),
    )
    stamped(
        "thread_file",
        *ids("patient_id", nullable=True),
        *reference("thread_file", "message_id", "thread_message"),
        sa.Column("name", sa.LargeBinary, nullable=False),
        *texts("media_type", "blob"),
        *numbers("size"),
        _of("thread_file", "patient"),
    )
    op.create_index("ix_thread_file_message_id", "thread_file", ["message_id"])


def _of(table: str, other: str) -> sa.ForeignKeyConstraint:
    columns, keys = ["territory", f"{other}_id"], [f"{other}.territory", f"{other}.id"]
    return sa.ForeignKeyConstraint(columns, keys, name=f"fk_{table}_territory_{other}_id")
