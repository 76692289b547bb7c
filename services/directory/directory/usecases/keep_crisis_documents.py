"""What belongs to a crisis plan: a hospital's *Plan Blanc*, homes' *plans Bleus*, annexes; as a link or a file."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from directory.domain.file_types import FileType, type_of
from directory.store import crisis, rows, structures
from directory.usecases.keep_crisis_plans import find_plan
from directory.usecases.known_codes import check_code
from directory.usecases.load_reference import Reference
from kit.auth import Caller
from kit.blobs import BlobStore
from kit.problems import Problem, field_problem
from kit.work import Record, Work

_TABLE, _CHUNK = "crisis_document", 1 << 20


class Upload(Protocol):
    """A file on its way in."""

    @property
    def filename(self) -> str | None: ...

    async def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class DocumentAsked:
    """What a document is, and whose (FINESS number) if of a structure."""

    kind: str
    title: str
    finess: str | None


async def link_document(
    work: Work, reference: Reference, caller: Caller, plan_id: UUID, asked: DocumentAsked, *, url: str
) -> Record:
    """A document that stands elsewhere. Raises Problem 404, 422."""
    await _check(work, reference, plan_id, asked)
    return await rows.add(work, _TABLE, caller.subject, **vars(asked), plan_id=plan_id, url=url)


async def upload_document(
    work: Work,
    reference: Reference,
    caller: Caller,
    plan_id: UUID,
    asked: DocumentAsked,
    *,
    blobs: BlobStore,
    upload: Upload,
    most: int,
) -> Record:
    """A file, kept as it is. Raises Problem 404, 413 `file_too_large`, 422 `file_type_refused`."""
    taken = _Taken(upload, most)
    key = await blobs.write(taken.chunks())
    try:
        if work.idempotency is not None:
            work.idempotency.fingerprint = hashlib.sha256(
                f"{plan_id} {asked}".encode() + taken.digest.digest()
            ).digest()
        await _check(work, reference, plan_id, asked)
        return await rows.add(work, _TABLE, caller.subject, **vars(asked), **taken.values(), plan_id=plan_id, blob=key)
    except BaseException:
        # Nothing refers to the file: a replayed request leaves here too.
        await blobs.delete(key)
        raise


async def list_documents(work: Work, plan_id: UUID, after: UUID | None, limit: int) -> list[Record]:
    """What belongs to a plan, ended ones too. Raises Problem 404."""
    await find_plan(work, plan_id)
    filters = [("plan_id = ?", plan_id)]
    return await crisis.listed(work, "crisis_document", filters, after=after, newest_first=False, limit=limit)


async def open_document(work: Work, blobs: BlobStore, document_id: UUID) -> tuple[Record, bytes]:
    """The row and its bytes. Raises Problem 404 `document_unknown`, also for a link, which has no file."""
    row = await _find(work, document_id)
    if row["blob"] is None:
        raise Problem(404, "document_unknown", "This document is a link: it has no file here")
    return row, b"".join([chunk async for chunk in blobs.open(row["blob"])])


async def end_document(work: Work, caller: Caller, document_id: UUID) -> Record:
    """It belongs to the plan no more; a repeat changes nothing. Raises Problem 404."""
    row = await _find(work, document_id, lock=True)
    if row["ended_at"] is not None:
        return row
    return await rows.change(work, _TABLE, document_id, caller.subject, ended_at=work.now)


class _Taken:
    """Counts and digests the bytes on their way to the store, and refuses early."""

    def __init__(self, upload: Upload, most: int) -> None:
        self._upload, self._most = upload, most
        self.digest, self.size = hashlib.sha256(), 0
        self.type: FileType | None = None

    async def chunks(self) -> AsyncIterator[bytes]:
        chunk = await self._upload.read(_CHUNK)
        self.type = type_of(chunk, self._upload.filename or "")
        if self.type is None:
            raise field_problem("file", "file_type_refused", "A PDF, PNG, JPEG, DOCX, XLSX, ODT or ODS file")
        while chunk:
            self.digest.update(chunk)
            self.size += len(chunk)
            if self.size > self._most:
                raise Problem(413, "file_too_large", f"At most {self._most} bytes")
            yield chunk
            chunk = await self._upload.read(_CHUNK)

    def values(self) -> dict[str, Any]:
        assert self.type is not None  # noqa: S101 - the first chunk was read
        return {"media_type": self.type.media_type, "size": self.size, "digest": self.digest.hexdigest()}


async def _check(work: Work, reference: Reference, plan_id: UUID, asked: DocumentAsked) -> None:
    check_code("kind", asked.kind, reference.crisis.document_kinds)
    await find_plan(work, plan_id)
    if asked.finess is not None and await structures.find(work, asked.finess) is None:
        raise field_problem("finess", "structure_unknown", f"The directory has no structure {asked.finess}")


async def _find(work: Work, document_id: UUID, *, lock: bool = False) -> Record:
    row = await rows.find(work, _TABLE, document_id, lock=lock)
    if row is None:
        raise Problem(404, "document_unknown", "This territory has no such document")
    return row
