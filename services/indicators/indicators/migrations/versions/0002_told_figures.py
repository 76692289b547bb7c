"""Figures that are imported or entered with a proof; the communes of slots and calls."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kit import ddl

revision = "0002"
down_revision = "0001"

SERVICE = "indicators"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _imports()
    _imported()
    _manual()
    _communes()


def _imports() -> None:
    op.create_table(
        "figure_import",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("added", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("unchanged", sa.Integer, nullable=False),
        sa.Column("masked", sa.Integer, nullable=False),
        sa.Column("refused", sa.Integer, nullable=False),
        sa.Column("refusals", JSONB, nullable=False),
        *_stamps(),
        sa.PrimaryKeyConstraint("id", name="pk_figure_import"),
    )
    _written_once("figure_import")


def _imported() -> None:
    op.create_table(
        "imported_figure",
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("figure", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("numerator", sa.BigInteger),
        sa.Column("denominator", sa.BigInteger),
        sa.Column("value", sa.Double),
        sa.Column("masked", sa.Boolean, nullable=False),
        sa.Column("import_id", sa.Uuid, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("territory", "figure", "period", "source", "number", name="pk_imported_figure"),
        # A hidden number is nowhere, and is never taken for zero.
        sa.CheckConstraint("masked = (value IS NULL)", name="masked_without_value"),
        sa.CheckConstraint("NOT masked OR num_nulls(numerator, denominator) = 2", name="masked_without_numbers"),
    )
    _written_once("imported_figure")


def _manual() -> None:
    op.create_table(
        "manual_figure",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("figure", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("numerator", sa.BigInteger),
        sa.Column("denominator", sa.BigInteger),
        sa.Column("value", sa.Double, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("proof_id", sa.Uuid, nullable=False),
        sa.Column("proof_blob", sa.Text, nullable=False),
        sa.Column("proof_name", sa.LargeBinary, nullable=False),
        sa.Column("proof_type", sa.Text, nullable=False),
        sa.Column("proof_size", sa.Integer, nullable=False),
        sa.Column("proof_digest", sa.Text, nullable=False),
        *_stamps(),
        sa.PrimaryKeyConstraint("id", name="pk_manual_figure"),
        # Of two corrections of one entry the database takes one.
        sa.UniqueConstraint("territory", "figure", "period", "number", name="uq_manual_figure_number"),
    )
    op.create_index("ix_manual_figure_listed", "manual_figure", ["territory", "id"])
    _written_once("manual_figure")


def _communes() -> None:
    """The columns, filled from the facts as the projections derive them."""
    told = {
        "slot": ("published", "starts_at", "effector_kind, effector_id, profession, specialties, audience, booked"),
        "call": ("received", "received_at", "origin, outcome, booked"),
    }
    for name, (verb, at, included) in told.items():
        op.add_column(f"{name}_fact", sa.Column("commune", sa.Text))
        op.execute(
            f"UPDATE {name}_fact AS kept SET commune = last.commune FROM (SELECT DISTINCT ON (territory, {name}_id) "
            f"territory, {name}_id, dimensions ->> 'commune' AS commune FROM fact WHERE kind = '{name}.{verb}' "
            f"ORDER BY territory, {name}_id, version DESC, event_id) AS last "
            f"WHERE kept.territory = last.territory AND kept.{name}_id = last.{name}_id"
        )
        op.drop_index(f"ix_{name}_fact_standing")
        op.create_index(
            f"ix_{name}_fact_standing",
            f"{name}_fact",
            ["territory", at],
            postgresql_include=[*included.split(", "), "commune"],
            postgresql_where=sa.text("standing"),
        )


def _stamps() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    )


def _written_once(table: str) -> None:
    """What was told stays as it was told: a correction is one more row."""
    ddl.tenant(table, SERVICE, grants="SELECT, INSERT")
