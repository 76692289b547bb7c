"""Roles, care teams, the common directory of resources, conflicts with the national source."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0013"
down_revision = "0012"

SERVICE = "directory"


def upgrade() -> None:
    _roles()
    _teams()
    _resources()
    _conflicts()
    for table in ("role_held", "care_team", "care_team_member", "resource", "conflict"):
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT, UPDATE")
        ddl.history(table, "id")


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _instants(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def _entry(table: str, *columns: sa.schema.SchemaItem, since: bool = True) -> None:
    period: list[sa.schema.SchemaItem] = [sa.Column("ended_on", sa.Date)]
    if since:
        period += [sa.Column("since", sa.Date, nullable=False)]
        period += [sa.CheckConstraint("since <= ended_on", name=f"ck_{table}_period")]
    op.create_table(
        table,
        sa.Column("id", sa.Uuid, nullable=False),
        *_texts("territory"),
        *columns,
        *period,
        sa.Column("version", sa.Integer, nullable=False),
        *_instants("changed_at"),
        *_texts("changed_by"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def _person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["rpps"], ["professional.rpps"], name=f"fk_{table}_rpps")


def _roles() -> None:
    _entry(
        "role_held",
        *_texts("role"),
        *_texts("rpps", "organisation", "finess", "subject", nullable=True),
        sa.CheckConstraint("(rpps IS NULL) <> (organisation IS NULL)", name="ck_role_held_holder"),
        _person("role_held"),
    )
    op.create_index("ix_role_held_order", "role_held", ["territory", "id"])
    op.create_index("ix_role_held_rpps", "role_held", ["territory", "rpps"])


def _teams() -> None:
    _entry(
        "care_team",
        *_texts("name", "kind", "basis"),
        *_texts("finess", "commune", "purpose", nullable=True),
    )
    op.create_index("ix_care_team_order", "care_team", ["territory", "id"])
    _entry(
        "care_team_member",
        sa.Column("team_id", sa.Uuid, nullable=False),
        *_texts("rpps", "role"),
        sa.ForeignKeyConstraint(["team_id"], ["care_team.id"], name="fk_care_team_member_team_id"),
        _person("care_team_member"),
    )
    op.create_index("ix_care_team_member_order", "care_team_member", ["territory", "id"])
    op.create_index("ix_care_team_member_rpps", "care_team_member", ["territory", "rpps"])
    once = sa.text("ended_on IS NULL")
    op.create_index("ux_care_team_member", "care_team_member", ["team_id", "rpps"], unique=True, postgresql_where=once)


def _resources() -> None:
    _entry(
        "resource",
        *_texts("name", "search_name", "search_text", "kind", "attested_by"),
        *(sa.Column(name, sa.ARRAY(sa.Text), nullable=False) for name in ("themes", "communes")),
        *_texts("purpose", "public", "phone", "email", "website", "opening", "referral", nullable=True),
        *_texts("finess", "rpps", nullable=True),
        *_instants("attested_at"),
        sa.Column("valid_until", sa.Date, nullable=False),
        since=False,
    )
    op.create_index("ix_resource_order", "resource", ["territory", "search_name", "id"])


def _conflicts() -> None:
    op.create_table(
        "conflict",
        sa.Column("id", sa.Uuid, nullable=False),
        *_texts("territory", "about", "kind", "place", "state", "attested", "attested_source", "changed_by"),
        *_texts("kept", "reason", "resolved_by", nullable=True),
        sa.Column("national", sa.ARRAY(sa.Text), nullable=False),
        *_instants("attested_at", "national_at", "changed_at"),
        *_instants("raised_at", "resolved_at", nullable=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("statement_version", "national_version", "version")),
        sa.CheckConstraint("state IN ('agrees', 'open', 'resolved')", name="ck_conflict_state"),
        sa.PrimaryKeyConstraint("id", name="pk_conflict"),
        sa.UniqueConstraint("territory", "about", "kind", "place", name="uq_conflict_territory_about_kind_place"),
    )
    op.create_index("ix_conflict_order", "conflict", ["territory", "state", "id"])
