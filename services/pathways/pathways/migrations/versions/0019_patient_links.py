"""Personal links of patients and carers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from kit import ddl
from pathways.migrations.columns import ids, instants, numbers, reference, stamped, texts

revision = "0019"
down_revision = "0018"

SERVICE = "pathways"


def upgrade() -> None:
    stamped(
        "patient_link",
        *ids("patient_id", "enrolment_id"),
        *reference("patient_link", "parent_id", "patient_link", nullable=True),
        *texts("holder"),
        sa.Column("rights", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("name", sa.LargeBinary),
        *numbers("tries"),
        sa.Column("surveys", postgresql.ARRAY(sa.Uuid), nullable=False),
        *instants("expires_at"),
        *instants("locked_at", "revoked_at", nullable=True),
        sa.CheckConstraint("holder IN ('patient', 'carer')", name="ck_patient_link_holder"),
        _of("patient"),
        _of("enrolment"),
    )
    op.create_index("ix_patient_link_territory_patient_id", "patient_link", ["territory", "patient_id"])
    op.create_index("ix_patient_link_enrolment", "patient_link", ["territory", "enrolment_id", "id"])
    ddl.tenant("patient_link", SERVICE, grants="SELECT, INSERT, UPDATE")
    ddl.history("patient_link", "id", hidden=("name",))


def _of(other: str) -> sa.ForeignKeyConstraint:
    columns, keys = ["territory", f"{other}_id"], [f"{other}.territory", f"{other}.id"]
    return sa.ForeignKeyConstraint(columns, keys, name=f"fk_patient_link_territory_{other}_id")
