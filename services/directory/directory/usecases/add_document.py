"""A document is put before a meeting, or withdrawn."""

import hashlib
from uuid import UUID

from directory.domain.meeting_documents import MOST_BYTES, DocumentKind
from directory.store import meeting_documents
from directory.usecases.find_meeting import find_meeting
from directory.usecases.meeting_documents import find_document
from kit import rows
from kit.auth import Caller
from kit.blobs import BlobStore
from kit.problems import Problem
from kit.take_file import Upload, document_type, taking
from kit.work import Record, Work


async def add_document(
    work: Work, caller: Caller, blobs: BlobStore, upload: Upload, *, meeting_id: UUID, kind: DocumentKind, name: str
) -> Record:
    """Keeps the file under the next edition of its kind; minutes and reports may come after the meeting.

    Raises Problem 404, 409 `meeting_cancelled`, 413 `file_too_large`, 422 `file_type_refused`.
    """
    async with taking(blobs, upload, document_type(name), MOST_BYTES) as file:
        if work.idempotency is not None:
            told = file.digest.digest() + f"{meeting_id} {kind} {name}".encode()
            work.idempotency.fingerprint = hashlib.sha256(told).digest()
        meeting = await find_meeting(work, meeting_id, lock=True)
        if meeting["state"] == "cancelled":
            raise Problem(409, "meeting_cancelled", "A cancelled meeting takes no documents")
        kept = {"media_type": file.type, "size": file.size, "sha256": file.digest.hexdigest(), "blob": file.key}
        values = {"meeting_id": meeting_id, "kind": kind, "name": name}
        edition = await meeting_documents.next_edition(work, meeting_id, kind)
        return await rows.add(work, "meeting_document", caller.subject, **values, **kept, edition=edition)


async def withdraw_document(work: Work, caller: Caller, meeting_id: UUID, document_id: UUID) -> Record:
    """It is shown no more; what was put to the vote stays. Raises Problem 404, 409 `withdrawn_already`, `voted_on`."""
    await find_meeting(work, meeting_id, lock=True)
    row = await find_document(work, meeting_id, document_id)
    if row["withdrawn_at"] is not None:
        raise Problem(409, "withdrawn_already", f"Withdrawn at {row['withdrawn_at']}")
    if await meeting_documents.put_to_the_vote(work, document_id):
        raise Problem(409, "voted_on", "It was put to the vote: it stays with the ballot")
    return await rows.change(work, "meeting_document", document_id, caller.subject, withdrawn_at=work.now)
