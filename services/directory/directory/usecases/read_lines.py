"""First half of an import: from the file to the staging table, refused lines apart."""

from collections import Counter
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from uuid import UUID

from directory.domain.imports import Counts
from directory.domain.lines import Line, LineReader, first_line
from directory.domain.rpps_file import SEPARATOR, Layout, LineRefusedError, read_header, read_line, warning_of
from directory.store import imports
from directory.store.tables import ImportRun
from kit.blobs import BlobStore
from kit.work import Work

_HEADER = 1


class _Batch:
    """Lines kept, refused and warned of, until they are written together."""

    def __init__(self, import_id: UUID, layout: Layout, professions: Collection[str]) -> None:
        self._import_id, self._layout, self._professions = import_id, layout, professions
        self.kept: list[imports.Staged] = []
        self.refused: list[imports.Refused] = []
        self.warned: list[imports.Warned] = []

    def take(self, line: Line) -> None:
        try:
            read = read_line(self._layout, line.raw, self._professions)
        except LineRefusedError as error:
            self.refused.append((self._import_id, line.number, error.cause, error.column, error.detail, error.person))
            return
        self.kept.append((read.rpps, line.number, read.finess, SEPARATOR.join(read)))
        if warning := warning_of(read):
            self.warned.append((self._import_id, line.number, *warning))

    @property
    def size(self) -> int:
        return len(self.kept) + len(self.refused)

    def causes(self) -> Counter[str]:
        return Counter(refused[2] for refused in self.refused)


async def read_lines(
    work: Work, blobs: BlobStore, run: ImportRun, counts: Counts, *, professions: Collection[str], room: int
) -> int:
    """Stages the next lines of the file, at most `room`; answers how many, 0 at its end.

    Raises HeaderRefusedError, and FileNotFoundError when the file is gone.
    """
    batch = _Batch(run.id, await _layout(blobs, str(run.blob_key)), professions)
    last = Line(run.last_line, run.read_bytes, None)
    async with aclosing(lines_after(blobs, str(run.blob_key), last)) as lines:
        async for last in lines:
            if last.number > _HEADER and last.raw != b"":
                batch.take(last)
            if batch.size == room:
                break
    run.last_line, run.read_bytes = last.number, last.end
    await imports.stage(work, batch.kept)
    await imports.refuse(work, batch.refused)
    counts.lines_read += batch.size
    await imports.warn(work, batch.warned)
    counts.refuse(batch.causes())
    counts.warn(Counter(warned[2] for warned in batch.warned))
    return batch.size


async def _layout(blobs: BlobStore, key: str) -> Layout:
    async with aclosing(blobs.open(key)) as chunks:  # type: ignore[type-var]
        async for chunk in chunks:
            return read_header(first_line(chunk))
    return read_header(None)


async def lines_after(blobs: BlobStore, key: str, after: Line) -> AsyncGenerator[Line]:
    """The lines of the file that come after this one."""
    reader = LineReader(after.number, after.end)
    async for chunk in blobs.open(key, after.end):
        for line in reader.feed(chunk):
            yield line
    for line in reader.finish():
        yield line
