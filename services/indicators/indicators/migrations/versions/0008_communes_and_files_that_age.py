"""Imported figures by commune; files removed after their time, proofs sealed anew; reconciliations."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kit import ddl

revision = "0008"
down_revision = "0007"

SERVICE = "indicators"
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _parts()
    _removals()
    _reconciliations()


def _parts() -> None:
    op.create_table(
        "imported_part",
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("figure", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("commune", sa.Text, nullable=False),
        sa.Column("numerator", sa.BigInteger),
        sa.Column("denominator", sa.BigInteger),
        sa.Column("value", sa.Double),
        sa.Column("masked", sa.Boolean, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint(
            "territory", "figure", "period", "source", "number", "commune", name="pk_imported_part"
        ),
        sa.ForeignKeyConstraint(
            ["territory", "figure", "period", "source", "number"],
            [f"imported_figure.{it}" for it in ("territory", "figure", "period", "source", "number")],
            name="fk_imported_part_territory",
        ),
        # A hidden number is nowhere, and is never taken for zero.
        sa.CheckConstraint("masked = (numerator IS NULL)", name="masked_without_numerator"),
        sa.CheckConstraint("NOT masked OR num_nulls(denominator, value) = 2", name="masked_without_numbers"),
    )
    ddl.tenant("imported_part", SERVICE, grants="SELECT, INSERT")


def _removals() -> None:
    op.add_column("export_run", sa.Column("purged_at", INSTANT))
    op.create_index("ix_export_run_aging", "export_run", ["built_at"], postgresql_where=sa.text("purged_at IS NULL"))
    op.create_table(
        "blob_to_remove",
        sa.Column("blob", sa.Text, nullable=False),
        sa.Column("territory", sa.Text, nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("blob", name="pk_blob_to_remove"),
    )
    ddl.tenant("blob_to_remove", SERVICE, grants="SELECT, INSERT")
    op.execute(f"GRANT UPDATE, DELETE ON blob_to_remove TO {SERVICE}_system")
    # An entry stays as it was told: only what seals its proof changes, and only by the worker.
    op.execute(f"GRANT UPDATE (proof_blob, proof_name) ON manual_figure TO {SERVICE}_system")


def _reconciliations() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("ran_at", INSTANT, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("repaired", sa.Integer, nullable=False),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("producers", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reconciliation"),
    )
    op.create_table(
        "reconciliation_difference",
        sa.Column("reconciliation_id", sa.Uuid, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("said", sa.BigInteger, nullable=False),
        sa.Column("held", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("reconciliation_id", "day", "type", name="pk_reconciliation_difference"),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"],
            ["reconciliation.id"],
            name="fk_reconciliation_difference_reconciliation_id",
            ondelete="CASCADE",
        ),
    )
    # Counts over all territories: of none of them.
    for table in ("reconciliation", "reconciliation_difference"):
        op.execute(f"GRANT SELECT ON {table} TO {SERVICE}_app")
        op.execute(f"GRANT SELECT, INSERT, DELETE ON {table} TO {SERVICE}_system")
