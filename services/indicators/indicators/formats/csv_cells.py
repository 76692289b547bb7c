"""Lines of CSV as a spreadsheet set to French reads them (the README of the service says why each convention)."""

import csv
import io
from collections.abc import Iterable

BOM = "\ufeff"
Cell = str | int | float | bool | None
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def line(cells: Iterable[Cell]) -> str:
    """One line with its end."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow([text(cell) for cell in cells])
    return out.getvalue()


def text(cell: Cell) -> str:
    """A cell. A text that a spreadsheet would take for a formula is kept a text by an apostrophe."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case int():
            return str(cell)
        case float():
            return str(cell).removesuffix(".0").replace(".", ",")
        case _:
            return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
