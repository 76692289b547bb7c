"""A key for each patient; what is needed to correct, restrict, merge and erase an entry."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0006"
down_revision = "0005"

SERVICE = "pathways"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE patient ADD COLUMN birth_index bytea, ADD COLUMN key_id uuid, ADD COLUMN merged_into uuid, "
        "ADD COLUMN restricted_at timestamptz, ADD COLUMN restriction text, ADD COLUMN erased_at timestamptz, "
        "ADD COLUMN version integer NOT NULL DEFAULT 1, ADD COLUMN changed_at timestamptz, ADD COLUMN changed_by text, "
        "ALTER COLUMN ref DROP NOT NULL, ALTER COLUMN sealed DROP NOT NULL, ALTER COLUMN name_index DROP NOT NULL, "
        "ALTER COLUMN commune DROP NOT NULL"
    )
    op.execute("UPDATE patient SET changed_at = created_at, changed_by = 'migration'")
    op.execute(
        "ALTER TABLE patient ALTER COLUMN version DROP DEFAULT, ALTER COLUMN changed_at SET NOT NULL, "
        "ALTER COLUMN changed_by SET NOT NULL, "
        "ADD CONSTRAINT ck_patient_whole CHECK (sealed IS NOT NULL OR merged_into IS NOT NULL OR erased_at IS NOT NULL)"
    )
    _indexes()
    op.execute("GRANT UPDATE ON patient TO pathways_app, pathways_system")
    op.create_table(
        "patient_key",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("patient_id", sa.Uuid, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("master", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["territory", "patient_id"], ["patient.territory", "patient.id"], name="fk_patient_key_territory_patient_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_patient_key"),
    )
    op.create_index("ix_patient_key_territory_patient_id", "patient_key", ["territory", "patient_id"])
    op.create_index("ix_patient_key_master", "patient_key", ["master"])
    ddl.tenant("patient_key", SERVICE, grants="SELECT, INSERT, UPDATE")
    for table in ("team_member", "consent", "objection", "break_glass"):
        ddl.history(table, "id")
    ddl.history("patient", "id", hidden=("sealed", "name_index", "ins_index", "birth_index", "key_id"))


def _indexes() -> None:
    op.execute("ALTER TABLE patient DROP CONSTRAINT uq_patient_territory_name_index_ins_index")
    op.execute("DROP INDEX ux_patient_ins")
    op.create_index(
        "ux_patient_name",
        "patient",
        ["territory", "name_index", "ins_index"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("sealed IS NOT NULL"),
    )
    op.create_index(
        "ux_patient_ins",
        "patient",
        ["territory", "ins_index"],
        unique=True,
        postgresql_where=sa.text("ins_index IS NOT NULL AND sealed IS NOT NULL"),
    )
    op.create_index("ix_patient_name_index", "patient", ["name_index"])
    op.create_index("ix_patient_territory_birth_index", "patient", ["territory", "birth_index"])
    op.create_index("ix_patient_merged_into", "patient", ["merged_into"])
