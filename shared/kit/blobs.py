"""One port for files (uploads, documents, exports): a folder now, an object store behind the same calls later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

_CHUNK = 1 << 20


class BlobStore(Protocol):
    """Keys are opaque and say nothing of the content. `open` begins at a byte and raises FileNotFoundError."""

    async def write(self, chunks: AsyncIterator[bytes]) -> str: ...

    def open(self, key: str, start: int = 0) -> AsyncIterator[bytes]: ...

    async def delete(self, key: str) -> None: ...


class FolderBlobs:
    """Files in a folder. A blob appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def write(self, chunks: AsyncIterator[bytes]) -> str:
        key = uuid4().hex
        partial = self._folder / f"{key}.part"
        try:
            with partial.open("wb") as file:
                async for chunk in chunks:
                    await asyncio.to_thread(file.write, chunk)
            partial.rename(self._folder / key)
        finally:
            partial.unlink(missing_ok=True)
        return key

    async def open(self, key: str, start: int = 0) -> AsyncIterator[bytes]:
        with self._path(key).open("rb") as file:
            file.seek(start)
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                yield chunk

    async def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not key.isalnum():
            raise FileNotFoundError(key)
        return self._folder / key


async def write_bytes(blobs: BlobStore, content: bytes) -> str:
    """Keeps a small file; answers its key."""

    async def once() -> AsyncIterator[bytes]:
        yield content

    return await blobs.write(once())


@asynccontextmanager
async def keeping(blobs: BlobStore, content: bytes) -> AsyncIterator[str]:
    """A small file in the store for the rows of the block, by its key; deleted when the block raises."""
    key = await write_bytes(blobs, content)
    try:
        yield key
    except BaseException:
        await blobs.delete(key)
        raise


async def read_bytes(blobs: BlobStore, key: str) -> bytes:
    """A small file, whole. Raises FileNotFoundError."""
    return b"".join([chunk async for chunk in blobs.open(key)])
