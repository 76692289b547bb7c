"""Internship offers, hosted trainees, installation projects, contacts for a spouse's job."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0009"
down_revision = "0008"

SERVICE = "directory"


def upgrade() -> None:
    _offer()
    _trainee()
    _installation()
    _spouse_contact()
    for table in ("internship_offer", "trainee", "installation", "spouse_contact"):
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT, UPDATE")
        ddl.history(table, "id", hidden=("sealed",))


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _arrays(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.ARRAY(sa.Text()), nullable=False) for name in names]


def _dates(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Date(), nullable=nullable) for name in names]


def _identity() -> list[sa.Column[object]]:
    return [sa.Column("id", sa.Uuid(), nullable=False), *_texts("territory")]


def _changed() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        *_texts("changed_by"),
    ]


def _offer() -> None:
    op.create_table(
        "internship_offer",
        *_identity(),
        *_texts("host", "profession", "level", "commune", "housing", "state"),
        *_texts("note", nullable=True),
        *_dates("starts_on", "ends_on"),
        sa.Column("places", sa.Integer(), nullable=False),
        *_changed(),
        sa.CheckConstraint("starts_on <= ends_on", name="ck_internship_offer_period"),
        sa.CheckConstraint("state IN ('open', 'closed')", name="ck_internship_offer_state"),
        sa.ForeignKeyConstraint(["host"], ["professional.rpps"], name="fk_internship_offer_host"),
        sa.PrimaryKeyConstraint("id", name="pk_internship_offer"),
    )
    op.create_index("ix_internship_offer_list", "internship_offer", ["territory", "starts_on", "id"])


def _trainee() -> None:
    op.create_table(
        "trainee",
        *_identity(),
        sa.Column("offer_id", sa.Uuid()),
        *_arrays("hosts"),
        *_texts("profession", "level"),
        *_dates("starts_on", "ends_on"),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        *_changed(),
        sa.CheckConstraint("starts_on <= ends_on", name="ck_trainee_period"),
        sa.CheckConstraint("cardinality(hosts) > 0", name="ck_trainee_hosts"),
        sa.ForeignKeyConstraint(["offer_id"], ["internship_offer.id"], name="fk_trainee_offer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_trainee"),
    )
    op.create_index("ix_trainee_list", "trainee", ["territory", "starts_on", "id"])


def _installation() -> None:
    op.create_table(
        "installation",
        *_identity(),
        *_texts("profession", "stage"),
        *_texts("specialty", "spouse_job", "rpps", "commune", nullable=True),
        *_arrays("communes"),
        *_dates("opened_on", nullable=True),
        sa.Column("sealed", sa.LargeBinary()),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )
    op.create_index("ix_installation_list", "installation", ["territory", "id"])


def _spouse_contact() -> None:
    op.create_table(
        "spouse_contact",
        *_identity(),
        *_texts("name", "how"),
        *_arrays("fields"),
        *_dates("ended_on", nullable=True),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_spouse_contact"),
    )
    op.create_index("ix_spouse_contact_list", "spouse_contact", ["territory", "name", "id"])
