"""Search of a médecin traitant: searches, proposals, what the directory tells of doctors."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from kit import ddl
from pathways.migrations.columns import days, ids, instants, numbers, reference, stamped, texts

revision = "0022"
down_revision = "0021"

SERVICE = "pathways"


def upgrade() -> None:
    _searches()
    _proposals()
    _doctors()
    for table in ("doctor_search", "doctor_proposal"):
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT, UPDATE")
        ddl.history(table, "id")


def _of_patient(table: str) -> sa.ForeignKeyConstraint:
    columns = ["territory", "patient_id"]
    return sa.ForeignKeyConstraint(
        columns, ["patient.territory", "patient.id"], name=f"fk_{table}_territory_patient_id"
    )


def _searches() -> None:
    stamped(
        "doctor_search",
        *ids("patient_id"),
        *texts("commune", "age_band", "rules_version", "state"),
        sa.Column("criteria", ARRAY(sa.Text), nullable=False),
        *numbers("priority"),
        *instants("opened_at"),
        *instants("closed_at", nullable=True),
        *texts("outcome", "doctor", nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'proposed', 'closed')", name="ck_doctor_search_state"),
        sa.CheckConstraint("priority BETWEEN 1 AND 3", name="ck_doctor_search_priority"),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="ck_doctor_search_closed"),
        _of_patient("doctor_search"),
    )
    op.create_index("ix_doctor_search_list", "doctor_search", ["territory", "priority", "opened_at", "id"])
    running = sa.text("closed_at IS NULL")
    columns = ["territory", "patient_id"]
    op.create_index("ux_doctor_search_running", "doctor_search", columns, unique=True, postgresql_where=running)


def _proposals() -> None:
    stamped(
        "doctor_proposal",
        *reference("doctor_proposal", "search_id", "doctor_search"),
        *ids("patient_id"),
        *texts("rpps", "state"),
        sa.Column("km", sa.Float, nullable=False),
        *numbers("statement_version"),
        *instants("proposed_at", "answer_by"),
        *instants("answered_at", nullable=True),
        *texts("reason", nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'refused', 'lapsed', 'withdrawn')", name="ck_doctor_proposal_state"
        ),
        _of_patient("doctor_proposal"),
    )
    still_open = sa.text("state = 'open'")
    op.create_index(
        "ux_doctor_proposal_open", "doctor_proposal", ["search_id"], unique=True, postgresql_where=still_open
    )
    op.create_index("ix_doctor_proposal_search", "doctor_proposal", ["search_id", "id"])
    op.create_index("ix_doctor_proposal_doctor", "doctor_proposal", ["territory", "rpps", "id"])
    op.create_index("ix_doctor_proposal_lapsing", "doctor_proposal", ["answer_by"], postgresql_where=still_open)


def _doctors() -> None:
    op.create_table(
        "gp_acceptance",
        *texts("territory", "rpps"),
        sa.Column("accepts", sa.Boolean, nullable=False),
        *numbers("capacity", nullable=True),
        sa.Column("patients", ARRAY(sa.Text), nullable=False),
        *days("valid_until"),
        *numbers("version"),
        sa.PrimaryKeyConstraint("territory", "rpps", name="pk_gp_acceptance"),
    )
    ddl.tenant("gp_acceptance", SERVICE, grants="SELECT, INSERT, UPDATE")
    op.create_table(
        "gp_place",
        *texts("rpps"),
        sa.Column("communes", ARRAY(sa.Text), nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
        *numbers("version"),
        sa.PrimaryKeyConstraint("rpps", name="pk_gp_place"),
    )
    ddl.reference("gp_place", SERVICE, grants="SELECT, INSERT, UPDATE")
