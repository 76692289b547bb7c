"""The rows of a table that somebody sends, CSV or XLSX, as texts."""

import asyncio
import zipfile
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any

from kit.csv_rows import csv_rows
from kit.problems import Problem, field_problem

_ZIP = b"PK\x03\x04"
_LARGEST_UNPACKED, _MOST_ROWS, _MOST_COLUMNS = 30_000_000, 5_000, 100


async def table_rows(content: bytes) -> list[list[str]]:
    """Cells without the blanks around them; of a workbook the first sheet.

    Raises Problem 422 `not_utf8`, `not_a_csv`, `not_a_workbook`, `table_too_large`.
    """
    rows = await asyncio.to_thread(_workbook_rows, content) if content.startswith(_ZIP) else csv_rows(content)
    if len(rows) > _MOST_ROWS:
        raise field_problem("file", "table_too_large", f"At most {_MOST_ROWS} lines")
    return rows


def _workbook_rows(content: bytes) -> list[list[str]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - half a second of a start that few processes need

    try:
        # A small file may unpack to a very large one; what the directory of a zip says is all that is unpacked.
        with zipfile.ZipFile(BytesIO(content)) as packed:
            unpacked = sum(item.file_size for item in packed.infolist())
        if unpacked > _LARGEST_UNPACKED:
            raise field_problem("file", "table_too_large", "The workbook unpacks to too much")
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        found = sheet.iter_rows(max_row=_MOST_ROWS + 1, max_col=_MOST_COLUMNS)
        return _trimmed([_text(cell) for cell in row] for row in found)
    except Problem:
        raise
    except Exception:  # noqa: BLE001 - of a broken or hostile workbook the library raises anything
        raise field_problem("file", "not_a_workbook", "Save it as an XLSX workbook, or as CSV in UTF-8") from None


def _trimmed(rows: Iterable[list[str]]) -> list[list[str]]:
    """Every row as wide as the header, of which a workbook has no end of its own."""
    found = list(rows)
    width = max((place + 1 for place, cell in enumerate(found[0]) if cell), default=0) if found else 0
    return [row[:width] + [""] * (width - len(row)) for row in found]


def _text(cell: Any) -> str:
    """As it would be written in a CSV. A cell shown as a percentage holds the hundredth of what is seen."""
    value = cell.value
    if value is None or isinstance(value, datetime):
        return "" if value is None else str(value.date())
    if isinstance(value, float):
        seen = value * 100 if "%" in (cell.number_format or "") else value
        return f"{seen:.6f}".rstrip("0").rstrip(".")
    if isinstance(value, int) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
        return str(value * 100)
    return str(value).strip()
