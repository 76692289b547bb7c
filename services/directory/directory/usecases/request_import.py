"""Taking in a file of the national register, to be worked off by the worker."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from directory.domain.finess_file import format_of
from directory.domain.imports import Counts, Scope
from directory.domain.lines import first_line
from directory.domain.rpps_file import HeaderRefusedError, extracted_at, read_header
from directory.store import imports
from directory.store.tables import ImportRun
from kit.auth import Caller
from kit.blobs import BlobStore
from kit.problems import field_problem
from kit.take_file import TakenFile, Upload, taking
from kit.work import Work


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
    async with taking(blobs, upload, lambda beginning: _source_of(beginning, request), request.max_bytes) as file:
        if work.idempotency is not None:
            work.idempotency.fingerprint = request.digest(file.digest.digest())
        run = _run(work, caller, request, file)
        await imports.add(work, run)
    return run


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


def _run(work: Work, caller: Caller, request: Request, file: TakenFile) -> ImportRun:
    return ImportRun(
        id=work.new_id(),
        source=file.type,
        state="queued",
        phase="reading",
        file_name=request.file_name,
        scope=request.scope,
        confirm_gone=request.confirm_gone,
        file_size=file.size,
        file_digest=file.digest.hexdigest(),
        blob_key=file.key,
        extracted_at=extracted_at(request.file_name),
        requested_at=work.now,
        requested_by=caller.subject,
        requested_from=caller.territory,
        read_bytes=0,
        last_line=0,
        merged_up_to="",
        counts=Counts().model_dump(),
    )
