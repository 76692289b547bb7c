"""What belongs to a crisis plan: a hospital's *Plan Blanc*, homes' *plans Bleus*, annexes; as a link or a file."""

import hashlib
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from directory.store import structures
from directory.usecases.keep_crisis_plans import find_plan
from directory.usecases.known_codes import check_code
from directory.usecases.load_reference import Reference
from kit import rows
from kit.auth import Caller
from kit.blobs import BlobStore, read_bytes
from kit.problems import Problem, field_problem, or_404
from kit.take_file import Upload, document_type, taking
from kit.work import Record, Work

_TABLE = "crisis_document"


class NamedUpload(Upload, Protocol):
    """A file with the name that its sender gives it."""

    @property
    def filename(self) -> str | None: ...


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
    upload: NamedUpload,
    most: int,
) -> Record:
    """A file, kept as it is. Raises Problem 404, 413 `file_too_large`, 422 `file_type_refused`."""
    async with taking(blobs, upload, document_type(upload.filename or ""), most) as file:
        if work.idempotency is not None:
            work.idempotency.fingerprint = hashlib.sha256(f"{plan_id} {asked}".encode() + file.digest.digest()).digest()
        await _check(work, reference, plan_id, asked)
        kept = {"media_type": file.type, "size": file.size, "digest": file.digest.hexdigest(), "blob": file.key}
        return await rows.add(work, _TABLE, caller.subject, **vars(asked), **kept, plan_id=plan_id)


async def list_documents(work: Work, plan_id: UUID, after: UUID | None, limit: int) -> list[Record]:
    """What belongs to a plan, ended ones too. Raises Problem 404."""
    await find_plan(work, plan_id)
    filters = [("plan_id = ?", plan_id)]
    return await rows.listed(work, "crisis_document", filters, after=after, limit=limit)


async def open_document(work: Work, blobs: BlobStore, document_id: UUID) -> tuple[Record, bytes]:
    """The row and its bytes. Raises Problem 404 `document_unknown`, also for a link, which has no file."""
    row = await _find(work, document_id)
    if row["blob"] is None:
        raise Problem(404, "document_unknown", "This document is a link: it has no file here")
    return row, await read_bytes(blobs, row["blob"])


async def end_document(work: Work, caller: Caller, document_id: UUID) -> Record:
    """It belongs to the plan no more; a repeat changes nothing. Raises Problem 404."""
    row = await _find(work, document_id, lock=True)
    if row["ended_at"] is not None:
        return row
    return await rows.change(work, _TABLE, document_id, caller.subject, ended_at=work.now)


async def _check(work: Work, reference: Reference, plan_id: UUID, asked: DocumentAsked) -> None:
    check_code("kind", asked.kind, reference.crisis.document_kinds)
    await find_plan(work, plan_id)
    if asked.finess is not None and await structures.find(work, asked.finess) is None:
        raise field_problem("finess", "structure_unknown", f"The directory has no structure {asked.finess}")


async def _find(work: Work, document_id: UUID, *, lock: bool = False) -> Record:
    return or_404(await rows.find(work, _TABLE, document_id, lock=lock), "document_unknown")
