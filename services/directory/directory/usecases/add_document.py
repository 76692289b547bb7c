"""A document is put before a meeting, or withdrawn."""

import hashlib
from collections.abc import AsyncIterator
from typing import Protocol
from uuid import UUID

from directory.domain.meeting_documents import FILE_TYPES, MOST_BYTES, DocumentKind, media_type_of
from directory.store import meeting_documents, rows
from directory.usecases.find_meeting import find_meeting
from directory.usecases.meeting_documents import find_document
from kit.auth import Caller
from kit.blobs import BlobStore
from kit.problems import Problem, field_problem
from kit.work import Record, Work

_CHUNK = 1 << 20


class Upload(Protocol):
    """A file on its way in."""

    async def read(self, size: int, /) -> bytes: ...


async def add_document(
    work: Work, caller: Caller, blobs: BlobStore, upload: Upload, *, meeting_id: UUID, kind: DocumentKind, name: str
) -> Record:
    """Keeps the file under the next edition of its kind; minutes and reports may come after the meeting.

    Raises Problem 404, 409 `meeting_cancelled`, 413 `file_too_large`, 422 `file_type_refused`.
    """
    content = await _content(upload)
    media_type = media_type_of(name, content[:16])
    if media_type is None:
        raise field_problem("file", "file_type_refused", f"By name and content one of {', '.join(FILE_TYPES)}")
    digest = hashlib.sha256(content)
    if work.idempotency is not None:
        work.idempotency.fingerprint = hashlib.sha256(digest.digest() + f"{meeting_id} {kind} {name}".encode()).digest()
    meeting = await find_meeting(work, meeting_id, lock=True)
    if meeting["state"] == "cancelled":
        raise Problem(409, "meeting_cancelled", "A cancelled meeting takes no documents")
    values = {"name": name, "media_type": media_type, "size": len(content), "sha256": digest.hexdigest()}
    edition = await meeting_documents.next_edition(work, meeting_id, kind)
    key = await blobs.write(_once(content))
    return await rows.add(
        work, "meeting_document", caller.subject, meeting_id=meeting_id, kind=kind, edition=edition, blob=key, **values
    )


async def withdraw_document(work: Work, caller: Caller, meeting_id: UUID, document_id: UUID) -> Record:
    """It is shown no more; what was put to the vote stays. Raises Problem 404, 409 `withdrawn_already`, `voted_on`."""
    await find_meeting(work, meeting_id, lock=True)
    row = await find_document(work, meeting_id, document_id)
    if row["withdrawn_at"] is not None:
        raise Problem(409, "withdrawn_already", f"Withdrawn at {row['withdrawn_at']}")
    if await meeting_documents.put_to_the_vote(work, document_id):
        raise Problem(409, "voted_on", "It was put to the vote: it stays with the ballot")
    return await rows.change(work, "meeting_document", document_id, caller.subject, withdrawn_at=work.now)


async def _content(upload: Upload) -> bytes:
    content = b""
    while chunk := await upload.read(_CHUNK):
        content += chunk
        if len(content) > MOST_BYTES:
            raise Problem(413, "file_too_large", f"At most {MOST_BYTES} bytes")
    return content


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
