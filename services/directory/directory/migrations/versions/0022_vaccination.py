"""Vaccinated people and population by age band, as imported; communications about crises."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kit import ddl

revision = "0022"
down_revision = "0021"

SERVICE = "directory"
_ALL = "SELECT, INSERT, UPDATE"


def upgrade() -> None:
    _import()
    _count("vaccinated_count", ("territory", "campaign", "place", "age_band"), week=True)
    _count("population_count", ("territory", "place", "age_band"), week=False)
    _communication()
    ddl.tenant("vaccinated_count", SERVICE, grants=_ALL)
    ddl.history("vaccinated_count", "campaign", "place", "age_band", "week")
    ddl.tenant("population_count", SERVICE, grants=_ALL)
    ddl.history("population_count", "place", "age_band")
    # Written once: what was imported and what was sent stays as it was.
    for table in ("vaccination_import", "crisis_communication"):
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT")


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _numbers(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer, nullable=nullable) for name in names]


def _changed() -> list[sa.Column[Any]]:
    changed_at = sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False)
    return [*_numbers("version"), changed_at, *_texts("changed_by")]


def _import() -> None:
    op.create_table(
        "vaccination_import",
        sa.Column("id", sa.Uuid, nullable=False),
        *_texts("territory", "kind", "source", "digest"),
        *_texts("campaign", nullable=True),
        *_numbers("lines", "added", "changed", "unchanged", "masked", "refused"),
        sa.Column("refusals", JSONB, nullable=False),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_vaccination_import"),
        sa.CheckConstraint("kind IN ('vaccinated', 'population')", name="ck_vaccination_import_kind"),
    )
    op.create_index("ix_vaccination_import_list", "vaccination_import", ["territory", "id"])


def _count(table: str, key: tuple[str, ...], *, week: bool) -> None:
    op.create_table(
        table,
        *_texts(*key),
        *([sa.Column("week", sa.Date, nullable=False)] if week else []),
        *_numbers("count", nullable=True),
        sa.Column("import_id", sa.Uuid, nullable=False),
        *_changed(),
        sa.PrimaryKeyConstraint(*key, *(["week"] if week else []), name=f"pk_{table}"),
        sa.ForeignKeyConstraint(["import_id"], ["vaccination_import.id"], name=f"fk_{table}_import_id"),
    )


def _communication() -> None:
    op.create_table(
        "crisis_communication",
        sa.Column("id", sa.Uuid, nullable=False),
        *_texts("territory", "subject", "text"),
        *(sa.Column(name, sa.Uuid) for name in ("plan_id", "activation_id")),
        sa.Column("lists", sa.ARRAY(sa.Uuid), nullable=False),
        *_numbers("recipients", "professionals"),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_crisis_communication"),
        sa.ForeignKeyConstraint(["plan_id"], ["crisis_plan.id"], name="fk_crisis_communication_plan_id"),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["crisis_activation.id"], name="fk_crisis_communication_activation_id"
        ),
    )
    op.create_index("ix_crisis_communication_list", "crisis_communication", ["territory", "id"])
