"""Corrections of validated time, compensations told by the dispatch, batches of payments."""

import sqlalchemy as sa
from alembic import op

from kit import ddl

revision = "0028"
down_revision = "0027"

SERVICE = "directory"


def upgrade() -> None:
    op.add_column("indemnity", sa.Column("late", sa.Boolean, nullable=False, server_default="false"))
    op.add_column("indemnity", sa.Column("cut_reason", sa.Text))
    _correction()
    _claim()
    _batch()
    _line()
    for table, keys, grants in (
        ("indemnity_correction", ("id",), "SELECT, INSERT"),
        ("compensation_claim", ("booking_id",), "SELECT, INSERT, UPDATE"),
        ("payment_batch", ("id",), "SELECT, INSERT, UPDATE"),
        ("payment_line", ("id",), "SELECT, INSERT"),
    ):
        ddl.tenant(table, SERVICE, grants=grants)
        ddl.history(table, *keys)


def _texts(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _ids(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Uuid, nullable=False) for name in names]


def _days(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Date, nullable=False) for name in names]


def _euros(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Numeric(12, 2), nullable=False) for name in names]


def _changed() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        *_texts("changed_by"),
    ]


def _correction() -> None:
    op.create_table(
        "indemnity_correction",
        *_ids("id", "indemnity_id"),
        *_texts("territory", "rpps", "mission", "reason"),
        *_days("day"),
        sa.Column("minutes", sa.Integer, nullable=False),
        *_euros("amount", "payable"),
        sa.Column("cut_reason", sa.Text),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_indemnity_correction"),
    )
    op.create_index("ix_indemnity_correction_time", "indemnity_correction", ["territory", "indemnity_id", "id"])


def _claim() -> None:
    op.create_table(
        "compensation_claim",
        *_texts("territory"),
        *_ids("booking_id"),
        *_texts("rpps", "rules_version"),
        *_days("day", "final_on"),
        *_euros("amount"),
        sa.Column("own_cap", sa.Numeric(12, 2)),
        sa.Column("told_version", sa.Integer, nullable=False),
        *_changed(),
        sa.CheckConstraint("amount >= 0", name="ck_compensation_claim_amount"),
        sa.PrimaryKeyConstraint("territory", "booking_id", name="pk_compensation_claim"),
    )
    op.create_index("ix_compensation_claim_person", "compensation_claim", ["territory", "rpps", "day"])


def _batch() -> None:
    op.create_table(
        "payment_batch",
        *_ids("id"),
        *_texts("territory", "period"),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("number", "people", "lines")),
        *_days("last_day"),
        *_euros("total"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_on", sa.Date),
        *_changed(),
        sa.PrimaryKeyConstraint("id", name="pk_payment_batch"),
        sa.UniqueConstraint("territory", "number", name="uq_payment_batch_number"),
        sa.UniqueConstraint("territory", "period", name="uq_payment_batch_period"),
    )


def _line() -> None:
    op.create_table(
        "payment_line",
        *_ids("id", "batch_id", "source_id"),
        *_texts("territory", "kind", "rpps"),
        sa.Column("mission", sa.Text),
        *_days("day"),
        sa.Column("minutes", sa.Integer),
        *_euros("amount", "payable"),
        sa.Column("cut_reason", sa.Text),
        sa.Column("late", sa.Boolean, nullable=False),
        *_changed(),
        sa.CheckConstraint(
            "kind IN ('indemnity', 'correction', 'compensation', 'reversal')", name="ck_payment_line_kind"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_payment_line"),
        sa.UniqueConstraint("territory", "kind", "source_id", name="uq_payment_line_source"),
        sa.ForeignKeyConstraint(["batch_id"], ["payment_batch.id"], name="fk_payment_line_batch_id"),
    )
    op.create_index("ix_payment_line_batch", "payment_line", ["batch_id", "id"])
    op.create_index("ix_payment_line_person", "payment_line", ["territory", "rpps", "day"])
