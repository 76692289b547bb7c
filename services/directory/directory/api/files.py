"""Answers that are files: CSV for spreadsheets, PDF."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from fastapi import Response

from directory.domain.publications import harmless

PDF_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {"description": "PDF", "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}
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


def csv_answer(content: bytes, name: str) -> Response:
    return _file(content, "text/csv; charset=utf-8; header=present", name)


def pdf_answer(content: bytes, name: str) -> Response:
    return _file(content, "application/pdf", name)


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)


def _cell(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value).replace(".", ",")
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "" if value is None else harmless(str(value))
