"""Rosters, shifts and who takes them."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0003"
down_revision = "0002"

SERVICE = "directory"


def upgrade() -> None:
    _roster()
    _shift()
    _sign_up()
    for table in ("roster", "shift"):
        ddl.tenant(table, SERVICE, grants="SELECT, INSERT, UPDATE")
        ddl.history(table, "id")
    ddl.tenant("sign_up", SERVICE, grants="SELECT, INSERT, UPDATE")
    ddl.history("sign_up", "shift_id", "rpps")


def _texts(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _instants(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=False) for name in names]


def _changed() -> list[sa.Column[object]]:
    return [sa.Column("version", sa.Integer, nullable=False), *_instants("changed_at"), *_texts("changed_by")]


def _roster() -> None:
    op.create_table(
        "roster",
        sa.Column("id", sa.Uuid, nullable=False),
        *_texts("territory", "name", "kind", "commune"),
        sa.Column("address", sa.Text),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, nullable=False),
        *_changed(),
        sa.CheckConstraint("starts_on <= ends_on", name="ck_roster_period"),
        sa.PrimaryKeyConstraint("id", name="pk_roster"),
    )
    op.create_index("ix_roster_list", "roster", ["territory", "starts_on", "id"])


def _shift() -> None:
    op.create_table(
        "shift",
        sa.Column("id", sa.Uuid, nullable=False),
        *_texts("territory"),
        sa.Column("roster_id", sa.Uuid, nullable=False),
        *_instants("starts_at", "ends_at"),
        sa.Column("professions", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("seats", sa.Integer, nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        *_changed(),
        sa.CheckConstraint("starts_at < ends_at", name="ck_shift_period"),
        sa.CheckConstraint("seats > 0", name="ck_shift_seats"),
        sa.ForeignKeyConstraint(["roster_id"], ["roster.id"], name="fk_shift_roster_id"),
        sa.PrimaryKeyConstraint("id", name="pk_shift"),
    )
    op.create_index("ix_shift_list", "shift", ["territory", "roster_id", "starts_at", "id"])


def _sign_up() -> None:
    op.create_table(
        "sign_up",
        sa.Column("id", sa.Uuid, nullable=False),
        *_texts("territory"),
        sa.Column("shift_id", sa.Uuid, nullable=False),
        *_texts("rpps", "profession", "state"),
        *_changed(),
        sa.CheckConstraint("state IN ('signed', 'withdrawn', 'present', 'absent')", name="ck_sign_up_state"),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name="fk_sign_up_shift_id"),
        sa.ForeignKeyConstraint(["rpps"], ["professional.rpps"], name="fk_sign_up_rpps"),
        sa.UniqueConstraint("shift_id", "rpps", name="uq_sign_up_shift_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_up"),
    )
    op.create_index("ix_sign_up_rpps", "sign_up", ["territory", "rpps"])
