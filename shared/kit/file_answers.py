"""Answers that are files."""

from typing import Any

from fastapi import Response

CSV = "text/csv; charset=utf-8; header=present"
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_LONGEST_NAME = 150

FILE_ANSWER: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, the same bytes each time; `ETag` is their digest",
        "content": {"application/octet-stream": _BINARY},
    }
}
PDF_ANSWER: dict[int | str, dict[str, Any]] = {200: {"description": "PDF", "content": {"application/pdf": _BINARY}}}


def file_answer(content: bytes, media_type: str, name: str, *, digest: str | None = None) -> Response:
    """A file to keep under `name`, never to be run by a browser. `digest`: of content that never changes."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers | ({"ETag": f'"{digest}"'} if digest else {}))


def csv_answer(content: bytes, name: str) -> Response:
    """A CSV to keep under `name`."""
    return file_answer(content, CSV, name)


def pdf_answer(content: bytes, name: str) -> Response:
    """A PDF to keep under `name`."""
    return file_answer(content, "application/pdf", name)


def safe_name(given: str | None) -> str:
    """A name that fits a header and any file system, its extension kept."""
    plain = "".join(it if it.isascii() and (it.isalnum() or it in " ._-()") else "_" for it in given or "")
    return plain[-_LONGEST_NAME:].strip() or "document"
