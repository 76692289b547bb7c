"""Which files may be kept as documents: told by their first bytes, never by what the sender says."""

from typing import NamedTuple

_ZIP = b"PK\x03\x04"
_OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
_BEGINNINGS = (
    (b"%PDF-", "pdf", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"\xff\xd8\xff", "jpg", "image/jpeg"),
)


class FileType(NamedTuple):
    """How a file is served."""

    extension: str
    media_type: str


def type_of(beginning: bytes, name: str) -> FileType | None:
    """PDF, PNG, JPEG, or an office document (a zip whose name says which); None for what is not kept."""
    for begin, extension, media_type in _BEGINNINGS:
        if beginning.startswith(begin):
            return FileType(extension, media_type)
    extension = name.lower().rpartition(".")[2]
    if beginning.startswith(_ZIP) and extension in _OFFICE:
        return FileType(extension, _OFFICE[extension])
    return None
