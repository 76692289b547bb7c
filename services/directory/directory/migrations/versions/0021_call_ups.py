"""Call-ups of volunteers, and whom each calls."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kit import ddl

revision = "0021"
down_revision = "0020"

SERVICE = "directory"


def upgrade() -> None:
    _call_up()
    _person()
    for table in ("call_up", "call_up_person"):
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT, UPDATE")
        ddl.history(table, "id")


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _instants(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def _numbers(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer, nullable=nullable) for name in names]


def _changed() -> list[sa.Column[Any]]:
    return [*_numbers("version"), *_instants("changed_at"), *_texts("changed_by")]


def _call_up() -> None:
    op.create_table(
        "call_up",
        sa.Column("id", sa.Uuid, nullable=False),
        *_texts("territory", "title", "commune", "state", "codes_version"),
        *(sa.Column(it, sa.ARRAY(sa.Text), nullable=False) for it in ("professions", "specialties", "capabilities")),
        sa.Column("radius_km", sa.Float, nullable=False),
        *_numbers("wanted", "wave_size", "wave_minutes", "wave"),
        *_instants("needed_from", "needed_until"),
        *_instants("next_wave_at", "started_at", "closed_at", nullable=True),
        *(sa.Column(name, sa.Uuid) for name in ("roster_id", "activation_id")),
        sa.Column("not_called", JSONB, nullable=False),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_call_up"),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name="fk_call_up_roster_id"),
        sa.ForeignKeyConstraint(["activation_id"], ["crisis_activation.id"], name="fk_call_up_activation_id"),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed')", name="ck_call_up_state"),
        sa.CheckConstraint("needed_from < needed_until", name="ck_call_up_period"),
    )
    op.create_index("ix_call_up_list", "call_up", ["territory", "id"])
    op.create_index("ix_call_up_due", "call_up", ["next_wave_at"], postgresql_where=sa.text("state = 'open'"))


def _person() -> None:
    op.create_table(
        "call_up_person",
        *(sa.Column(name, sa.Uuid, nullable=False) for name in ("id", "call_up_id")),
        *_texts("territory", "rpps", "profession", "state"),
        *_numbers("metres", "rank"),
        *_numbers("wave", nullable=True),
        *_instants("asked_at", "available_from", "available_until", "answered_at", nullable=True),
        sa.Column("available", sa.Boolean),
        *_texts("answered_by", nullable=True),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_call_up_person"),
        sa.ForeignKeyConstraint(["call_up_id"], ["call_up.id"], name="fk_call_up_person_call_up_id"),
        sa.ForeignKeyConstraint(["rpps"], ["professional.rpps"], name="fk_call_up_person_rpps"),
        sa.UniqueConstraint("call_up_id", "rpps", name="uq_call_up_person_call_up_id"),
        sa.CheckConstraint("state IN ('waiting', 'asked', 'to_phone')", name="ck_call_up_person_state"),
    )
    op.create_index("ix_call_up_person_order", "call_up_person", ["call_up_id", "state", "rank"])
    op.create_index("ix_call_up_person_rpps", "call_up_person", ["territory", "rpps"])
