"""Care teams, consents of a patient, objections, broken glasses; the record of accesses tells more."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0003"
down_revision = "0002"

SERVICE = "pathways"


def upgrade() -> None:
    _accesses()
    _consents()
    _team()
    _objections()
    _glasses()


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _ids(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Uuid, nullable=nullable) for name in names]


def _instants(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def _stamps() -> list[sa.Column[object]]:
    return [sa.Column("version", sa.Integer, nullable=False), *_instants("changed_at"), *_texts("changed_by")]


def _of(table: str, parent: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["territory", f"{parent}_id"],
        [f"{parent}.territory", f"{parent}.id"],
        name=f"fk_{table}_territory_{parent}_id",
    )


def _accesses() -> None:
    op.execute("ALTER TABLE identity_access RENAME TO access_record")
    op.execute("ALTER TABLE access_record RENAME CONSTRAINT pk_identity_access TO pk_access_record")
    op.execute(
        "ALTER INDEX ix_identity_access_territory_patient_id_id RENAME TO ix_access_record_territory_patient_id_id"
    )
    op.execute(
        "ALTER TABLE access_record ADD COLUMN rpps text, ADD COLUMN kind text NOT NULL DEFAULT 'identity', "
        "ADD COLUMN enrolment_id uuid, ADD COLUMN situation text"
    )
    op.execute("ALTER TABLE access_record ALTER COLUMN kind DROP DEFAULT")


def _consents() -> None:
    op.execute(
        "ALTER TABLE consent ADD COLUMN patient_id uuid, ADD COLUMN purpose text NOT NULL DEFAULT 'pathway', "
        "ADD COLUMN withdrawn_at timestamptz, ADD COLUMN withdrawn_by text, ADD COLUMN withdrawal_channel text, "
        "ADD COLUMN version integer NOT NULL DEFAULT 1, ADD COLUMN changed_at timestamptz, ADD COLUMN changed_by text, "
        "ALTER COLUMN enrolment_id DROP NOT NULL"
    )
    op.execute(
        "UPDATE consent c SET patient_id = e.patient_id, changed_at = c.recorded_at, changed_by = c.recorded_by "
        "FROM enrolment e WHERE e.id = c.enrolment_id"
    )
    for column in ("patient_id", "changed_at", "changed_by"):
        op.execute(f"ALTER TABLE consent ALTER COLUMN {column} SET NOT NULL")
    for column in ("purpose", "version"):
        op.execute(f"ALTER TABLE consent ALTER COLUMN {column} DROP DEFAULT")
    op.create_foreign_key(
        "fk_consent_territory_patient_id",
        "consent",
        "patient",
        ["territory", "patient_id"],
        ["territory", "id"],
    )
    op.create_index("ix_consent_territory_patient_id_id", "consent", ["territory", "patient_id", "id"])
    op.execute("GRANT UPDATE ON consent TO pathways_app, pathways_system")


def _team() -> None:
    op.create_table(
        "team_member",
        *_ids("id"),
        *_texts("territory"),
        *_ids("patient_id"),
        *_ids("enrolment_id", nullable=True),
        *_texts("person", "role", "basis"),
        sa.Column("informed_on", sa.Date),
        *_instants("starts_at"),
        *_instants("ends_at", nullable=True),
        *_texts("end_reason", nullable=True),
        *_stamps(),
        sa.CheckConstraint("basis IN ('consent', 'care_team', 'emergency')", name="ck_team_member_basis"),
        sa.CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="ck_team_member_period"),
        _of("team_member", "patient"),
        _of("team_member", "enrolment"),
        sa.PrimaryKeyConstraint("id", name="pk_team_member"),
    )
    op.create_index("ix_team_member_territory_patient_id_id", "team_member", ["territory", "patient_id", "id"])
    op.create_index("ix_team_member_person", "team_member", ["territory", "person", "patient_id"])
    op.create_index(
        "ux_team_member_open",
        "team_member",
        ["territory", "patient_id", "person", "role", "enrolment_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("ends_at IS NULL"),
    )
    ddl.tenant("team_member", SERVICE, grants="SELECT, INSERT, UPDATE")


def _objections() -> None:
    op.create_table(
        "objection",
        *_ids("id"),
        *_texts("territory"),
        *_ids("patient_id"),
        *_texts("against", "made_by"),
        sa.Column("made_on", sa.Date, nullable=False),
        *_texts("channel"),
        *_instants("withdrawn_at", nullable=True),
        *_stamps(),
        _of("objection", "patient"),
        sa.PrimaryKeyConstraint("id", name="pk_objection"),
    )
    op.create_index("ix_objection_territory_patient_id_id", "objection", ["territory", "patient_id", "id"])
    ddl.tenant("objection", SERVICE, grants="SELECT, INSERT, UPDATE")


def _glasses() -> None:
    op.create_table(
        "break_glass",
        *_ids("id"),
        *_texts("territory"),
        *_ids("patient_id"),
        *_texts("subject"),
        *_texts("rpps", "organisation", nullable=True),
        *_texts("reason", "rules_version"),
        *_instants("opened_at", "until"),
        *_instants("reviewed_at", nullable=True),
        *_texts("reviewed_by", "outcome", nullable=True),
        *_stamps(),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('justified', 'not_justified')", name="ck_break_glass_outcome"
        ),
        _of("break_glass", "patient"),
        sa.PrimaryKeyConstraint("id", name="pk_break_glass"),
    )
    op.create_index("ix_break_glass_territory_id", "break_glass", ["territory", "id"])
    op.create_index("ix_break_glass_territory_patient_id", "break_glass", ["territory", "patient_id"])
    ddl.tenant("break_glass", SERVICE, grants="SELECT, INSERT, UPDATE")
