"""Taking in a file of the national register, to be worked off by the worker."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol

from directory.domain.finess_file import format_of
from directory.domain.imports import Counts, Scope
from directory.domain.lines import first_line
from directory.domain.rpps_file import HeaderRefusedError, extracted_at, read_header
from directory.store import imports
from directory.store.tables import ImportRun
from kit.auth import Caller
from kit.blobs import BlobStore
from kit.problems import Problem, field_problem
from kit.work import Work

_CHUNK = 1 << 20


class Upload(Protocol):
    """A file on its way in."""

    async def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Request:
    """What is said of a file, and how large it may be in bytes."""

    register: Literal["rpps", "finess"]
    file_name: str
    scope: Scope
    confirm_gone: bool
    max_bytes: int

    def digest(self, content: bytes) -> bytes:
        """Tells a repeated request from another one."""
        return hashlib.sha256(content + f"{self.scope} {self.confirm_gone}".encode()).digest()


async def request_import(work: Work, caller: Caller, blobs: BlobStore, upload: Upload, request: Request) -> ImportRun:
    """Keeps the file and queues a run over it.

    Raises Problem 422 when the beginning is not that of a file of the register, 413 when it is too large.
    """
    reading = _Reading(upload, request)
    key = await blobs.write(reading.chunks())
    try:
        if work.idempotency is not None:
            work.idempotency.fingerprint = request.digest(reading.content.digest())
        run = _run(work, caller, request, key, reading)
        await imports.add(work, run)
    except BaseException:
        # Nothing refers to the file: a replayed request leaves here too.
        await blobs.delete(key)
        raise
    return run


class _Reading:
    """Counts and digests the bytes on their way to the store, and refuses early."""

    def __init__(self, upload: Upload, request: Request) -> None:
        self._upload, self._request = upload, request
        self.content, self.size, self.source = hashlib.sha256(), 0, ""

    async def chunks(self) -> AsyncIterator[bytes]:
        chunk = await self._upload.read(_CHUNK)
        self.source = _source_of(chunk, self._request)
        while chunk:
            self.content.update(chunk)
            self.size += len(chunk)
            if self.size > self._request.max_bytes:
                raise Problem(413, "file_too_large", f"At most {self._request.max_bytes} bytes")
            yield chunk
            chunk = await self._upload.read(_CHUNK)


def _source_of(first_chunk: bytes, request: Request) -> str:
    """`rpps`, or the format of a FINESS file; its first bytes tell. Raises Problem 422."""
    try:
        if request.register == "rpps":
            read_header(first_line(first_chunk))
            return request.register
        found = format_of(first_chunk)
    except HeaderRefusedError as error:
        raise field_problem("file", error.code, error.detail) from None
    if found == "finess-equipments" and request.scope == "whole":
        detail = "A file of equipment names some structures only: it cannot say which are gone"
        raise field_problem("scope", "scope_unfit", detail)
    return found


def _run(work: Work, caller: Caller, request: Request, key: str, reading: _Reading) -> ImportRun:
    return ImportRun(
        id=work.new_id(),
        source=reading.source,
        state="queued",
        phase="reading",
        file_name=request.file_name,
        scope=request.scope,
        confirm_gone=request.confirm_gone,
        file_size=reading.size,
        file_digest=reading.content.hexdigest(),
        blob_key=key,
        extracted_at=extracted_at(request.file_name),
        requested_at=work.now,
        requested_by=caller.subject,
        requested_from=caller.territory,
        read_bytes=0,
        last_line=0,
        merged_up_to="",
        counts=Counts().model_dump(),
    )
