"""A file on its way in: counted and digested while it flows to the store, refused early, gone when nothing keeps it."""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from kit.blobs import BlobStore
from kit.file_types import FILE_TYPES, media_type_of
from kit.problems import Problem, field_problem

_CHUNK = 1 << 20

Judge = Callable[[bytes], str]
"""What the first bytes say that it is. Raises Problem 422."""


class Upload(Protocol):
    """What the sender sends."""

    async def read(self, size: int, /) -> bytes: ...


class TakenFile:
    """A file as it was taken: its key in the store, size, digest and what it is."""

    def __init__(self) -> None:
        self.key, self.size, self.type, self.digest = "", 0, "", hashlib.sha256()


@asynccontextmanager
async def taking(blobs: BlobStore, upload: Upload, judge: Judge, most: int) -> AsyncIterator[TakenFile]:
    """The file in the store for the rows of the block; deleted when the block raises, a replayed request too.

    Raises Problem 413 `file_too_large`, or what `judge` raises.
    """
    taken = TakenFile()
    taken.key = await blobs.write(_chunks(taken, upload, judge, most))
    try:
        yield taken
    except BaseException:
        await blobs.delete(taken.key)
        raise


async def whole(upload: Upload, judge: Judge, most: int) -> tuple[TakenFile, bytes]:
    """A file small enough for memory, for a caller that seals it before it goes to a store; it has no key yet.

    Raises Problem 413 `file_too_large`, or what `judge` raises.
    """
    taken = TakenFile()
    return taken, b"".join([chunk async for chunk in _chunks(taken, upload, judge, most)])


def document_type(name: str) -> Judge:
    """Judges a document by its name and first bytes: its media type. Raises Problem 422 `file_type_refused`."""

    def judge(beginning: bytes) -> str:
        found = media_type_of(name, beginning)
        if found is None:
            raise field_problem("file", "file_type_refused", f"By name and content one of {', '.join(FILE_TYPES)}")
        return found

    return judge


async def _chunks(taken: TakenFile, upload: Upload, judge: Judge, most: int) -> AsyncIterator[bytes]:
    chunk = await upload.read(_CHUNK)
    taken.type = judge(chunk)
    while chunk:
        taken.digest.update(chunk)
        taken.size += len(chunk)
        if taken.size > most:
            raise Problem(413, "file_too_large", f"At most {most} bytes")
        yield chunk
        chunk = await upload.read(_CHUNK)
