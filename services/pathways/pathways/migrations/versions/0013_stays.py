"""Emergency visits and hospital stays, and the files that told them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kit import ddl
from pathways.migrations.columns import days, ids, numbers, stamped, texts

revision = "0013"
down_revision = "0012"

SERVICE = "pathways"


def upgrade() -> None:
    stamped(
        "stay",
        *texts("finess", "kind", "motive", "rules_version"),
        sa.Column("number_index", sa.LargeBinary, nullable=False),
        *texts("entry", "destination", nullable=True),
        *days("arrived_on"),
        *days("left_on", nullable=True),
        sa.Column("cancelled", sa.Boolean, nullable=False),
        *ids("patient_id", nullable=True),
        sa.Column("readmission", sa.Boolean),
        sa.CheckConstraint("kind IN ('ed_visit', 'stay')", name="ck_stay_kind"),
        sa.CheckConstraint("entry IN ('direct', 'ed')", name="ck_stay_entry"),
        sa.CheckConstraint("left_on >= arrived_on", name="ck_stay_days"),
        sa.UniqueConstraint("territory", "finess", "number_index", name="uq_stay_territory_finess_number_index"),
        sa.ForeignKeyConstraint(
            ["territory", "patient_id"], ["patient.territory", "patient.id"], name="fk_stay_territory_patient_id"
        ),
    )
    op.create_index("ix_stay_patient", "stay", ["territory", "patient_id", "id"])
    ddl.tenant("stay", SERVICE, grants="SELECT, INSERT, UPDATE")
    ddl.history("stay", "id", hidden=("number_index",))
    stamped(
        "stay_import",
        *texts("finess"),
        *numbers("lines", "added", "changed", "unchanged", "refused"),
        sa.Column("refusals", JSONB, nullable=False),
    )
    op.create_index("ix_stay_import_list", "stay_import", ["territory", "finess", "id"])
    ddl.tenant("stay_import", SERVICE, grants="SELECT, INSERT")
