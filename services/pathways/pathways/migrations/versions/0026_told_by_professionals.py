"""Alarms that a professional told; files of stays are taken in batches: their lines wait, sealed."""

import sqlalchemy as sa
from alembic import op

from kit import ddl
from pathways.migrations.columns import ids, instants, numbers, reference, texts

revision = "0026"
down_revision = "0025"

SERVICE = "pathways"


def upgrade() -> None:
    _alarms()
    _stay_lines()


def _alarms() -> None:
    # Its name has the prefix of the naming convention twice: 0025 gave it the whole name.
    op.execute("ALTER TABLE alarm DROP CONSTRAINT ck_alarm_ck_alarm_source")
    op.create_check_constraint(
        op.f("ck_alarm_source"), "alarm", "source IN ('telemonitoring', 'patient', 'hospital', 'professional')"
    )


def _stay_lines() -> None:
    op.add_column("stay_import", sa.Column("pending", sa.Integer, nullable=False, server_default="0"))
    for column in (*texts("role", "rpps", nullable=True), *instants("received_at", nullable=True)):
        op.add_column("stay_import", column)
    # A row of before was never changed after it had come.
    op.execute("UPDATE stay_import SET received_at = changed_at")
    op.execute("GRANT UPDATE ON stay_import TO pathways_app, pathways_system")
    op.create_index("ix_stay_import_pending", "stay_import", ["id"], postgresql_where=sa.text("pending > 0"))
    op.create_table(
        "stay_import_line",
        *ids("id"),
        *texts("territory"),
        *reference("stay_import_line", "import_id", "stay_import"),
        *numbers("number"),
        *(sa.Column(name, sa.LargeBinary, nullable=False) for name in ("number_index", "sealed")),
        sa.PrimaryKeyConstraint("id", name="pk_stay_import_line"),
        sa.UniqueConstraint("import_id", "number", name="uq_stay_import_line_import_id_number"),
    )
    op.create_index("ix_stay_import_line_stay", "stay_import_line", ["territory", "number_index"])
    ddl.tenant("stay_import_line", SERVICE)
