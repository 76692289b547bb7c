"""Entries that may be the same person."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0009"
down_revision = "0008"

SERVICE = "pathways"


def upgrade() -> None:
    op.create_table(
        "patient_duplicate",
        *(sa.Column(name, sa.Uuid, nullable=False) for name in ("id", "patient_id", "other_id")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("territory", "likeness", "state", "changed_by")),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in ("found_at", "changed_at")),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("state IN ('suspected', 'merged', 'dismissed')", name="ck_patient_duplicate_state"),
        *(
            sa.ForeignKeyConstraint(
                ["territory", column],
                ["patient.territory", "patient.id"],
                name=f"fk_patient_duplicate_territory_{column}",
            )
            for column in ("patient_id", "other_id")
        ),
        sa.UniqueConstraint(
            "territory", "patient_id", "other_id", name="uq_patient_duplicate_territory_patient_id_other_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_patient_duplicate"),
    )
    op.create_index("ix_patient_duplicate_territory_id", "patient_duplicate", ["territory", "id"])
    ddl.tenant("patient_duplicate", SERVICE, grants="SELECT, INSERT, UPDATE")
    ddl.history("patient_duplicate", "id")
