"""The liaison notebook: notes, who read them, their files; files that are to leave the store."""

import sqlalchemy as sa
from alembic import op

from kit import ddl
from pathways.migrations.columns import ids, instants, numbers, reference, stamped, texts

revision = "0016"
down_revision = "0015"

SERVICE = "pathways"
_CHANGED = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    _notes()
    _readers()
    stamped(
        "note_file",
        *ids("patient_id"),
        *reference("note_file", "note_id", "note"),
        sa.Column("name", sa.LargeBinary, nullable=False),
        *texts("media_type", "blob"),
        *numbers("size"),
        _of("note_file", "patient"),
    )
    op.create_index("ix_note_file_note_id", "note_file", ["note_id"])
    for table in ("note", "note_read", "note_file"):
        op.create_index(f"ix_{table}_territory_patient_id", table, ["territory", "patient_id"])
        ddl.tenant(table, SERVICE, grants=_CHANGED)
    ddl.history("note", "id", hidden=("text",))
    ddl.history("note_file", "id", hidden=("name",))
    op.create_table(
        "blob_to_remove",
        *texts("blob", "territory"),
        *instants("asked_at"),
        sa.PrimaryKeyConstraint("blob", name="pk_blob_to_remove"),
    )
    ddl.tenant("blob_to_remove", SERVICE, grants="SELECT")
    op.execute("GRANT INSERT, UPDATE, DELETE ON blob_to_remove TO pathways_system")


def _notes() -> None:
    stamped(
        "note",
        *ids("patient_id", "enrolment_id"),
        *texts("kind", "writer", "author"),
        *texts("role", nullable=True),
        sa.Column("event", sa.Boolean, nullable=False),
        *reference("note", "corrects", "note", nullable=True),
        sa.Column("text", sa.LargeBinary, nullable=False),
        *instants("occurred_at", "written_at"),
        sa.CheckConstraint("writer IN ('professional', 'patient', 'carer')", name="ck_note_writer"),
        _of("note", "patient"),
        _of("note", "enrolment"),
    )
    op.create_index("ix_note_list", "note", ["territory", "enrolment_id", "id"])
    op.create_index("ix_note_corrects", "note", ["corrects"])


def _readers() -> None:
    op.create_table(
        "note_read",
        *ids("id", "patient_id"),
        *texts("territory", "person"),
        *reference("note_read", "note_id", "note"),
        *instants("read_at"),
        sa.PrimaryKeyConstraint("id", name="pk_note_read"),
        sa.UniqueConstraint("territory", "note_id", "person", name="uq_note_read_territory_note_id_person"),
        _of("note_read", "patient"),
    )


def _of(table: str, other: str) -> sa.ForeignKeyConstraint:
    columns, keys = ["territory", f"{other}_id"], [f"{other}.territory", f"{other}.id"]
    return sa.ForeignKeyConstraint(columns, keys, name=f"fk_{table}_territory_{other}_id")
