"""Published lists: what a version holds, and what changed since the one before."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Format = Literal["csv", "xlsx", "pdf"]
FORMATS: tuple[Format, ...] = ("csv", "xlsx", "pdf")
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Column:
    """`name` is for machines, `label` for who reads a file. `width`: relative to the others on paper; 0: not there."""

    name: str
    label: str
    width: int = 2


@dataclass(frozen=True)
class ListRow:
    """One entry. `key` says whom or what it is about, in every version; cells are texts, by name of column."""

    key: str
    cells: Mapping[str, str]


Kind = Literal["added", "gone", "changed"]


@dataclass(frozen=True)
class Difference:
    """What became of one entry; `fields` are the columns that changed. `label` is its first cell."""

    key: str
    kind: Kind
    label: str
    fields: Mapping[str, tuple[str, str]]


def differences(columns: Sequence[str], before: Sequence[ListRow], after: Sequence[ListRow]) -> list[Difference]:
    """Entries that are new, gone or changed, in the order of the new version, the gone ones last.

    A column that one of the versions did not have counts as empty there.
    """
    old, new = {row.key: row.cells for row in before}, {row.key: row.cells for row in after}
    found = []
    for row in after:
        fields = {
            name: (old[row.key].get(name, ""), row.cells.get(name, ""))
            for name in columns
            if row.key in old and old[row.key].get(name, "") != row.cells.get(name, "")
        }
        if row.key not in old or fields:
            found.append(Difference(row.key, "changed" if fields else "added", _label(columns, row), fields))
    return found + [Difference(row.key, "gone", _label(columns, row), {}) for row in before if row.key not in new]


def _label(columns: Sequence[str], row: ListRow) -> str:
    return row.cells.get(columns[0], "")


def printable(cell: str) -> str:
    """A cell without the control characters that no spreadsheet takes (XML 1.0, section 2.2)."""
    return _CONTROL.sub("", cell)


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def quarter_day(today: date, day: int) -> date:
    """The given day of the quarter of `today`: 1 is the first of January, April, July or October."""
    first = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    return first + timedelta(days=day - 1)
