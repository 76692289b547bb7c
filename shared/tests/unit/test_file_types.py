"""Which files are kept as documents."""

import pytest

from kit.file_types import media_type_of

OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("beginning", "name", "media_type"),
    [
        (b"%PDF-1.7", "plan.pdf", "application/pdf"),
        (b"%PDF-1.7", "anything.exe", None),
        (b"%PDF-1.7", "", None),
        (b"\x89PNG\r\n\x1a\n", "map.PNG", "image/png"),
        (b"\xff\xd8\xff\xe0", "photo.jpeg", "image/jpeg"),
        (b"PK\x03\x04", "Plan.DOCX", OFFICE),
        (b"PK\x03\x04", "plan.docm", None),
        (b"PK\x03\x04", "plan.jar", None),
        (b"<html>", "plan.pdf", None),
        (b"", "plan.pdf", None),
    ],
)
def test_name_and_first_bytes_must_agree(beginning: bytes, name: str, media_type: str | None) -> None:
    assert media_type_of(name, beginning) == media_type
