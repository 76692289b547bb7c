"""Documents of a session: put before it or kept of it, read, withdrawn."""

import hashlib
from typing import Literal
from uuid import UUID

from kit import rows
from kit.auth import Caller
from kit.blobs import BlobStore, read_bytes
from kit.problems import Problem
from kit.take_file import Upload, document_type, taking
from kit.work import Record, Work
from pathways.store import sessions
from pathways.usecases.plan_session import find_session

DocumentKind = Literal["programme", "slides", "attendance_sheet", "minutes", "other"]
MOST_BYTES = 10_000_000
_TABLE = "session_document"


async def add_session_document(
    work: Work, caller: Caller, blobs: BlobStore, upload: Upload, *, session_id: UUID, kind: DocumentKind, name: str
) -> Record:
    """Keeps the file. Raises Problem 404, 413 `file_too_large`, 422 `file_type_refused`."""
    async with taking(blobs, upload, document_type(name), MOST_BYTES) as file:
        if work.idempotency is not None:
            told = file.digest.digest() + f"{session_id} {kind} {name}".encode()
            work.idempotency.fingerprint = hashlib.sha256(told).digest()
        await find_session(work, session_id)
        kept = {"media_type": file.type, "size": file.size, "sha256": file.digest.hexdigest(), "blob": file.key}
        return await rows.add(work, _TABLE, caller.subject, session_id=session_id, kind=kind, name=name, **kept)


async def list_session_documents(work: Work, session_id: UUID) -> list[Record]:
    """Those that stand. Raises Problem 404."""
    await find_session(work, session_id)
    return await sessions.documents(work, session_id)


async def read_session_document(
    work: Work, blobs: BlobStore, session_id: UUID, document_id: UUID
) -> tuple[Record, bytes]:
    """One document and its bytes. Raises Problem 404, 410 `document_withdrawn`."""
    row = await _find(work, session_id, document_id)
    if row["withdrawn_at"] is not None:
        raise Problem(410, "document_withdrawn", "It was withdrawn")
    return row, await read_bytes(blobs, row["blob"])


async def withdraw_session_document(work: Work, caller: Caller, session_id: UUID, document_id: UUID) -> Record:
    """It is shown no more; a repeat changes nothing. Raises Problem 404."""
    row = await _find(work, session_id, document_id)
    if row["withdrawn_at"] is not None:
        return row
    return await rows.change(work, _TABLE, document_id, caller.subject, withdrawn_at=work.now)


async def _find(work: Work, session_id: UUID, document_id: UUID) -> Record:
    row = await sessions.document(work, session_id, document_id)
    if row is None:
        raise Problem(404, "document_unknown", "The session has no such document")
    return row
