"""Rows with JSON columns, as plain dictionaries (the driver hands JSON over as text)."""

from typing import Any, TypeAlias, TypeVar

import orjson

from kit.work import Record

Row: TypeAlias = dict[str, Any]


T = TypeVar("T")


def present(row: T | None) -> T:
    """A row that must be there: it was locked or written by this transaction. Raises LookupError."""
    if row is None:
        raise LookupError("a row of this transaction is not there")
    return row


def decoded(record: Record, *columns: str) -> Row:
    """The row with these JSON columns parsed; null stays None."""
    row: Row = dict(record)
    for name in columns:
        row[name] = None if row[name] is None else orjson.loads(row[name])
    return row
