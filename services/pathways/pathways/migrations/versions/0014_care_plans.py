"""Versions of personal care plans (PPS), and who they are for."""

import sqlalchemy as sa
from alembic import op

from kit import ddl
from pathways.migrations.columns import ids, instants, numbers, stamped, texts

revision = "0014"
down_revision = "0013"

SERVICE = "pathways"


def upgrade() -> None:
    stamped(
        "care_plan",
        *ids("patient_id", "enrolment_id"),
        *numbers("number"),
        *texts("template_version"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        *instants("published_at"),
        *instants("withdrawn_at", nullable=True),
        *texts("withdraw_reason", nullable=True),
        sa.CheckConstraint("number >= 1", name="ck_care_plan_number"),
        sa.UniqueConstraint("territory", "enrolment_id", "number", name="uq_care_plan_territory_enrolment_id_number"),
        *_of("care_plan", "patient", "enrolment"),
    )
    stamped(
        "care_plan_recipient",
        *ids("patient_id", "plan_id"),
        *texts("person"),
        *texts("role", nullable=True),
        *instants("acknowledged_at", nullable=True),
        sa.UniqueConstraint("territory", "plan_id", "person", name="uq_care_plan_recipient_territory_plan_id_person"),
        sa.ForeignKeyConstraint(["plan_id"], ["care_plan.id"], name="fk_care_plan_recipient_plan_id"),
        *_of("care_plan_recipient", "patient"),
    )
    for table, hidden in (("care_plan", ("content",)), ("care_plan_recipient", ())):
        op.create_index(f"ix_{table}_territory_patient_id", table, ["territory", "patient_id"])
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT, UPDATE")
        ddl.history(table, "id", hidden=hidden)


def _of(table: str, *others: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["territory", f"{other}_id"],
            [f"{other}.territory", f"{other}.id"],
            name=f"fk_{table}_territory_{other}_id",
        )
        for other in others
    ]
