"""Prevention campaigns, synthesis sheets and their visits, expert patients."""

import sqlalchemy as sa
from alembic import op

from kit import ddl
from pathways.migrations.columns import days, ids, instants, numbers, reference, stamped, texts

revision = "0011"
down_revision = "0010"

SERVICE = "pathways"
_CHANGED = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    _campaigns()
    _sheets()
    _experts()
    for table in ("prevention_campaign", "campaign_entry", "synthesis_sheet", "expert_role"):
        ddl.tenant(table, SERVICE, grants=_CHANGED)
        ddl.history(table, "id")
    ddl.tenant("sheet_version", SERVICE, grants="SELECT, INSERT")
    ddl.tenant("document_visit", SERVICE, grants=_CHANGED)


def _campaigns() -> None:
    stamped(
        "prevention_campaign",
        *texts("kind", "title", "aimed_at", "codes_version"),
        *numbers("population", nullable=True),
        *texts("population_source", nullable=True),
        *days("opens_on", "closes_on"),
        *instants("closed_at", nullable=True),
        sa.CheckConstraint("opens_on <= closes_on", name="ck_prevention_campaign_period"),
        sa.CheckConstraint("population >= 1", name="ck_prevention_campaign_population"),
    )
    op.create_index("ix_prevention_campaign_list", "prevention_campaign", ["territory", "id"])
    stamped(
        "campaign_entry",
        *reference("campaign_entry", "campaign_id", "prevention_campaign"),
        *texts("kind", "channel"),
        *days("day"),
        *numbers("people"),
        *instants("withdrawn_at", nullable=True),
        sa.CheckConstraint("kind IN ('invited', 'took_part')", name="ck_campaign_entry_kind"),
        sa.CheckConstraint("people >= 1", name="ck_campaign_entry_people"),
    )
    op.create_index("ix_campaign_entry_campaign", "campaign_entry", ["territory", "campaign_id", "id"])


def _sheets() -> None:
    stamped(
        "synthesis_sheet",
        *texts("title", "body", "state"),
        *texts("topic", "theme", nullable=True),
        *numbers("number"),
        sa.CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name="ck_synthesis_sheet_state"),
    )
    op.create_index("ix_synthesis_sheet_list", "synthesis_sheet", ["territory", "id"])
    stamped(
        "sheet_version",
        *reference("sheet_version", "sheet_id", "synthesis_sheet"),
        *numbers("number"),
        *texts("title", "body"),
        sa.UniqueConstraint("sheet_id", "number", name="uq_sheet_version_sheet_id"),
    )
    op.create_table(
        "document_visit",
        *texts("territory"),
        *days("day"),
        *texts("subject"),
        *numbers("visits"),
        sa.Column("told", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("territory", "day", "subject", name="pk_document_visit"),
    )
    op.create_index("ix_document_visit_untold", "document_visit", ["day"], postgresql_where=sa.text("NOT told"))


def _experts() -> None:
    stamped(
        "expert_role",
        *ids("patient_id"),
        *texts("role"),
        *texts("topic", "end_reason", nullable=True),
        *instants("ended_at", nullable=True),
        sa.CheckConstraint("role IN ('referent', 'expert')", name="ck_expert_role_role"),
        sa.ForeignKeyConstraint(
            ["territory", "patient_id"], ["patient.territory", "patient.id"], name="fk_expert_role_territory_patient_id"
        ),
    )
    op.create_index(
        "uq_expert_role_standing",
        "expert_role",
        ["territory", "patient_id", "role", "topic"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_expert_role_list", "expert_role", ["territory", "id"])
