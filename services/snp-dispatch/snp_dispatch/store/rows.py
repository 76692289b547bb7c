"""Rows as the store hands them out."""

from typing import Any, TypeAlias, TypeVar

Row: TypeAlias = dict[str, Any]
"""Columns by name; JSON columns are already values (the pool's codec reads them)."""

T = TypeVar("T")


def present(row: T | None) -> T:
    """A row that must be there: it was locked or written by this transaction. Raises LookupError."""
    if row is None:
        raise LookupError("a row of this transaction is not there")
    return row
