"""What migrations of tenant rows have in common: groups of columns, and a table with its stamps."""

from typing import Any

import sqlalchemy as sa
from alembic import op


def texts(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def ids(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Uuid, nullable=nullable) for name in names]


def days(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Date, nullable=nullable) for name in names]


def instants(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def numbers(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer, nullable=nullable) for name in names]


def stamped(name: str, *parts: Any) -> None:
    """A table with `id` and `territory`, and the stamps that history reads."""
    op.create_table(
        name,
        *ids("id"),
        *texts("territory"),
        *parts,
        *numbers("version"),
        *instants("changed_at"),
        *texts("changed_by"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )


def reference(table: str, column: str, other: str, *, nullable: bool = False) -> list[Any]:
    """A column that names a row of another table."""
    return [
        sa.Column(column, sa.Uuid, nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}"),
    ]
