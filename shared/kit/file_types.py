"""Which files may be kept as documents: name and first bytes must agree, whatever the sender says that it is."""

_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_ZIP, _PDF, _PNG, _JPEG = b"PK\x03\x04", b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
FILE_TYPES: dict[str, tuple[bytes, str]] = {
    "pdf": (_PDF, "application/pdf"),
    "png": (_PNG, "image/png"),
    "jpg": (_JPEG, "image/jpeg"),
    "jpeg": (_JPEG, "image/jpeg"),
    "odt": (_ZIP, f"{_OPEN_DOCUMENT}.text"),
    "ods": (_ZIP, f"{_OPEN_DOCUMENT}.spreadsheet"),
    "odp": (_ZIP, f"{_OPEN_DOCUMENT}.presentation"),
    "docx": (_ZIP, f"{_OFFICE}.wordprocessingml.document"),
    "xlsx": (_ZIP, f"{_OFFICE}.spreadsheetml.sheet"),
    "pptx": (_ZIP, f"{_OFFICE}.presentationml.presentation"),
}
"""By extension: how such a file begins, and its media type. Formats with macros are not taken."""


def media_type_of(name: str, beginning: bytes) -> str | None:
    """The media type of a file whose name and first bytes agree; None for any other."""
    known = FILE_TYPES.get(name.rpartition(".")[2].lower())
    return known[1] if known and beginning.startswith(known[0]) else None
