"""Reading bytes that may be packed by gzip, a bounded piece at a time: a small file may unpack to a large one."""

import zlib
from collections.abc import AsyncGenerator, AsyncIterator

_PIECE = 1 << 20
_GZIP = b"\x1f\x8b"


class Unpacked:
    """Looks like a file opened for reading. `position` counts the bytes taken from the packed chunks.

    Raises ValueError for bytes that are no gzip, or that end too early.
    """

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._pieces = self._unpack(chunks)
        self.position = 0

    async def read(self, size: int) -> bytes:
        """The next piece, of whatever size; nothing at the end. Asked for nothing, it tells its type."""
        return await anext(self._pieces, b"") if size else b""

    async def check_end(self) -> None:
        """Reads what is left, so that a file cut short is noticed."""
        while await self.read(_PIECE):
            pass

    async def _unpack(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
        unpacker = None
        async for chunk in chunks:
            if self.position == 0 and chunk.startswith(_GZIP):
                unpacker = zlib.decompressobj(31)
            self.position += len(chunk)
            if unpacker is None:
                yield chunk
                continue
            rest = chunk
            while rest and not unpacker.eof:
                yield _decompress(unpacker, rest) or b" "
                rest = unpacker.unconsumed_tail
        if unpacker is not None and not unpacker.eof:
            raise ValueError("the gzip ends too early")


def _decompress(unpacker: "zlib._Decompress", packed: bytes) -> bytes:
    try:
        return unpacker.decompress(packed, _PIECE)
    except zlib.error as error:
        raise ValueError(str(error)) from None
