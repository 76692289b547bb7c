"""Cutting a stream of bytes into lines, without ever holding more than one line and one chunk."""

from collections.abc import Iterator
from typing import NamedTuple

MAX_LINE = 64 * 1024
"""Bytes. The longest real line of an RPPS extract is below 2 kB: more than this is not a line."""


class Line(NamedTuple):
    """`number` counts from 1, `end` is the offset of the byte after the line. `raw` is None when it was too long."""

    number: int
    end: int
    raw: bytes | None


def first_line(chunk: bytes) -> bytes | None:
    """The header among the first bytes of a file; None when it is longer than a line may be."""
    line = chunk.partition(b"\n")[0].removesuffix(b"\r")
    return line if len(line) <= MAX_LINE else None


class LineReader:
    """Feed it chunks, take lines. It can start in the middle of a file, after the line `number` that ended at `end`."""

    def __init__(self, number: int = 0, end: int = 0) -> None:
        self._number, self._end = number, end
        self._rest, self._overflow = b"", 0

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """The lines that this chunk completes."""
        *whole, rest = (self._rest + chunk).split(b"\n")
        for raw in whole:
            yield self._line(raw, 1)
        if len(rest) > MAX_LINE:
            self._overflow += len(rest)
            rest = b""
        self._rest = rest

    def finish(self) -> Iterator[Line]:
        """The last line, when the file does not end with a line feed."""
        if self._rest or self._overflow:
            yield self._line(self._rest, 0)
            self._rest = b""

    def _line(self, raw: bytes, feed: int) -> Line:
        length = self._overflow + len(raw)
        self._overflow = 0
        self._number += 1
        self._end += length + feed
        return Line(self._number, self._end, raw.removesuffix(b"\r") if length <= MAX_LINE else None)
