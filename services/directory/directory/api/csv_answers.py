"""Answers for spreadsheets: CSV."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from directory.domain.publications import harmless

CSV_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "UTF-8 with byte order mark, `;`, `,` as decimal sign",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}


def csv_of(columns: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    """What a French spreadsheet opens by a double click; no cell becomes a formula."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value).replace(".", ",")
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "" if value is None else harmless(str(value))
