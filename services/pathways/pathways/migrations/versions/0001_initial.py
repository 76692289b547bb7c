"""Patients, enrolments, steps, consents, bookings of the dispatch, accesses to identities."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0001"
down_revision = None

SERVICE = "pathways"


def upgrade() -> None:
    ddl.create_plumbing(SERVICE)
    _patients()
    _enrolments()
    _steps()
    _bookings()


def downgrade() -> None:
    for table in ("enrolment_booking", "step", "consent", "enrolment", "identity_access", "patient"):
        op.drop_table(table)


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _ids(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Uuid, nullable=nullable) for name in names]


def _instants(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def _of_enrolment(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["territory", "enrolment_id"],
        ["enrolment.territory", "enrolment.id"],
        name=f"fk_{table}_territory_enrolment_id",
    )


def _patients() -> None:
    op.create_table(
        "patient",
        *_ids("id"),
        *_texts("territory"),
        *_ids("ref"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("name_index", sa.LargeBinary, nullable=False),
        sa.Column("ins_index", sa.LargeBinary),
        *_texts("identity_status", "commune"),
        *_texts("sex", nullable=True),
        *_instants("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_patient"),
        sa.UniqueConstraint("territory", "id", name="uq_patient_territory_id"),
        sa.UniqueConstraint("ref", name="uq_patient_ref"),
        sa.UniqueConstraint(
            "territory",
            "name_index",
            "ins_index",
            name="uq_patient_territory_name_index_ins_index",
            postgresql_nulls_not_distinct=True,
        ),
    )
    with_ins = sa.text("ins_index IS NOT NULL")
    op.create_index("ux_patient_ins", "patient", ["territory", "ins_index"], unique=True, postgresql_where=with_ins)
    ddl.tenant("patient", SERVICE, grants="SELECT, INSERT")
    op.create_table(
        "identity_access",
        *_ids("id"),
        *_texts("territory"),
        *_instants("at"),
        *_texts("subject"),
        *_texts("role", "organisation", nullable=True),
        *_texts("action", "purpose"),
        *_ids("patient_id", nullable=True),
        *_texts("correlation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_identity_access"),
    )
    op.create_index("ix_identity_access_territory_patient_id_id", "identity_access", ["territory", "patient_id", "id"])
    # Rows are added and read. Nobody who serves requests or runs jobs can change or remove one.
    ddl.tenant("identity_access", SERVICE, grants="SELECT, INSERT")


def _enrolments() -> None:
    op.create_table(
        "enrolment",
        *_ids("id"),
        *_texts("territory"),
        *_ids("patient_id"),
        *_texts("template", "template_version", "label", "state"),
        sa.Column("started_on", sa.Date, nullable=False),
        *_instants("created_at"),
        *_instants("closed_at", nullable=True),
        *_texts("leave_reason", nullable=True),
        sa.CheckConstraint("state IN ('active', 'completed', 'left')", name="ck_enrolment_state"),
        sa.ForeignKeyConstraint(
            ["territory", "patient_id"],
            ["patient.territory", "patient.id"],
            name="fk_enrolment_territory_patient_id",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_enrolment"),
        sa.UniqueConstraint("territory", "id", name="uq_enrolment_territory_id"),
    )
    op.create_index("ix_enrolment_territory_patient_id", "enrolment", ["territory", "patient_id"])
    active = sa.text("state = 'active'")
    op.create_index(
        "ux_enrolment_active",
        "enrolment",
        ["territory", "patient_id", "template"],
        unique=True,
        postgresql_where=active,
    )
    ddl.tenant("enrolment", SERVICE, grants="SELECT, INSERT, UPDATE")
    op.create_table(
        "consent",
        *_ids("id"),
        *_texts("territory"),
        *_ids("enrolment_id"),
        sa.Column("given_on", sa.Date, nullable=False),
        *_texts("given_by", "channel", "text_version", "recorded_by"),
        *_instants("recorded_at"),
        _of_enrolment("consent"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_enrolment_id", "consent", ["enrolment_id"])
    ddl.tenant("consent", SERVICE, grants="SELECT, INSERT")


def _steps() -> None:
    op.create_table(
        "step",
        *_ids("id"),
        *_texts("territory"),
        *_ids("enrolment_id"),
        sa.Column("position", sa.SmallInteger, nullable=False),
        *_texts("key", "code"),
        sa.Column("occurrence", sa.SmallInteger),
        *_texts("label", "role"),
        *_texts("anchor", nullable=True),
        sa.Column("from_days", sa.Integer, nullable=False),
        sa.Column("to_days", sa.Integer, nullable=False),
        sa.Column("from_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        *_instants("due_at"),
        *_texts("state"),
        sa.Column("version", sa.Integer, nullable=False),
        *_instants("changed_at"),
        *_instants("overdue_at", "done_at", nullable=True),
        *_texts("skip_reason", nullable=True),
        sa.CheckConstraint("state IN ('planned', 'overdue', 'done', 'skipped', 'cancelled')", name="ck_step_state"),
        _of_enrolment("step"),
        sa.PrimaryKeyConstraint("id", name="pk_step"),
        sa.UniqueConstraint("enrolment_id", "key", name="uq_step_enrolment_id_key"),
    )
    op.create_index("ix_step_planned_due", "step", ["due_at"], postgresql_where=sa.text("state = 'planned'"))
    op.create_index("ix_step_worklist", "step", ["territory", "due_at", "id"])
    ddl.tenant("step", SERVICE, grants="SELECT, INSERT, UPDATE")


def _bookings() -> None:
    op.create_table(
        "enrolment_booking",
        *_ids("enrolment_id", "booking_id"),
        *_texts("territory", "state"),
        sa.Column("version", sa.Integer, nullable=False),
        *_instants("changed_at"),
        *_instants("confirmed_at", "starts_at", "ends_at", nullable=True),
        *_texts("commune", "mode", "rpps", "finess", nullable=True),
        sa.CheckConstraint(
            "state IN ('confirmed', 'cancelled', 'fulfilled', 'missed')", name="ck_enrolment_booking_state"
        ),
        _of_enrolment("enrolment_booking"),
        sa.PrimaryKeyConstraint("enrolment_id", "booking_id", name="pk_enrolment_booking"),
    )
    op.create_index("ix_enrolment_booking_booking_id", "enrolment_booking", ["booking_id"])
    ddl.tenant("enrolment_booking", SERVICE, grants="SELECT, INSERT, UPDATE")
