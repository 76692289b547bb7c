"""Campaigns that ask who accepts new patients."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0018"
down_revision = "0017"

SERVICE = "directory"


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _instants(*names: str, nullable: bool = True) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def _changed() -> list[sa.Column[object]]:
    return [sa.Column("version", sa.Integer, nullable=False), *_instants("changed_at", nullable=False)]


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Uuid, nullable=False),
        *_texts("territory", "period", "state", "question", "rules_version", "changed_by"),
        *(sa.Column(name, sa.Date, nullable=False) for name in ("opens_on", "closes_on")),
        *(
            sa.Column(name, sa.ARRAY(sa.Text), nullable=False)
            for name in ("specialties", "modes", "sectors", "added", "left_out")
        ),
        sa.Column("reminder_days", sa.ARRAY(sa.Integer), nullable=False),
        sa.Column("holds_days", sa.Integer, nullable=False),
        *_instants("created_at", nullable=False),
        *_instants("started_at", "closed_at"),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed', 'cancelled')", name="ck_campaign_state"),
    )
    running = sa.text("state <> 'cancelled'")
    op.create_index("uq_campaign_period", "campaign", ["territory", "period"], unique=True, postgresql_where=running)
    op.create_index("ix_campaign_open", "campaign", ["closes_on"], postgresql_where=sa.text("state = 'open'"))
    _invitation()
    for table in ("campaign", "invitation"):
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT, UPDATE")
        ddl.history(table, "id")


def _invitation() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("campaign_id", sa.Uuid, nullable=False),
        *_texts("territory", "rpps", "profession", "changed_by"),
        *(sa.Column(name, sa.Text) for name in ("commune", "answered_by")),
        *(sa.Column(name, sa.Boolean) for name in ("reachable", "accepts")),
        sa.Column("rounds", sa.Integer, nullable=False),
        *_instants("sent_at", "reminded_at", "answered_at"),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_invitation_campaign_id"),
        sa.ForeignKeyConstraint(["rpps"], ["professional.rpps"], name="fk_invitation_rpps"),
    )
    op.create_index("uq_invitation_person", "invitation", ["territory", "campaign_id", "rpps"], unique=True)
    waiting = sa.text("answered_at IS NULL")
    op.create_index("ix_invitation_waiting", "invitation", ["campaign_id"], postgresql_where=waiting)
