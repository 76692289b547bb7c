"""First half of an import of FINESS: from the file to the staging table, refused records apart."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from uuid import UUID

import ijson

from directory.domain.finess_file import Read, RecordRefusedError, read_record
from directory.domain.finess_plus import entities, read_site
from directory.domain.imports import Counts
from directory.domain.lines import Line
from directory.domain.rpps_file import HeaderRefusedError
from directory.domain.structures import Item
from directory.domain.unpacked import Unpacked
from directory.store import finess, imports
from directory.store.tables import ImportRun
from directory.usecases.read_lines import lines_after
from kit.blobs import BlobStore
from kit.work import Work

_METADATA = 1


class _Batch:
    """Records kept, refused and warned of, until they are written together."""

    def __init__(self, import_id: UUID) -> None:
        self._import_id = import_id
        self.size = 0
        self.kept: list[tuple[int, Item]] = []
        self.refused: list[imports.Refused] = []
        self.warned: list[imports.Warned] = []

    def take(self, number: int, read: Any, *record: Any) -> None:
        """`read(*record)` answers a Read or refuses."""
        self.size += 1
        try:
            self._keep(number, read(*record))
        except RecordRefusedError as error:
            told = (self._import_id, number, error.cause, error.column, error.detail, error.finess)
            self.refused.append(told)

    def _keep(self, number: int, read: Read) -> None:
        if read.item is not None:
            self.kept.append((number, read.item))
        if read.warning is not None:
            self.warned.append((self._import_id, number, *read.warning))

    async def write(self, work: Work, counts: Counts) -> int:
        await finess.stage(work, self.kept)
        await imports.refuse(work, self.refused)
        await imports.warn(work, self.warned)
        counts.lines_read += self.size
        counts.refuse(Counter(refused[2] for refused in self.refused))
        counts.warn(Counter(warned[2] for warned in self.warned))
        return self.size


async def read_finess(work: Work, blobs: BlobStore, run: ImportRun, counts: Counts, *, room: int) -> int:
    """Stages the next records of the file; answers how many, 0 at its end.

    Raises HeaderRefusedError when JSON breaks off, and FileNotFoundError when the file is gone.
    """
    batch = _Batch(run.id)
    read = _read_sites if run.source == "finess-plus" else _read_lines
    await read(blobs, run, batch, room)
    return await batch.write(work, counts)


async def _read_lines(blobs: BlobStore, run: ImportRun, batch: _Batch, room: int) -> None:
    last = Line(run.last_line, run.read_bytes, None)
    async with aclosing(lines_after(blobs, str(run.blob_key), last)) as lines:
        async for last in lines:
            if last.number > _METADATA and last.raw != b"":
                batch.take(last.number, read_record, last.raw)
            if batch.size == room:
                break
    run.last_line, run.read_bytes = last.number, last.end


async def _read_sites(blobs: BlobStore, run: ImportRun, batch: _Batch, room: int) -> None:
    """JSON cannot be entered in its middle: what was staged before is passed over, one legal entity in memory."""
    if run.read_bytes == run.file_size:
        return
    number, ended, file = 0, False, Unpacked(blobs.open(str(run.blob_key)))
    try:
        async for entity in _entities(file):
            for site in entities(entity):
                number += 1
                if number > run.last_line:
                    batch.take(number, read_site, entity, site)
            if batch.size >= room:
                break
        else:
            await file.check_end()
            ended = True
    except (ijson.JSONError, ValueError) as error:
        raise HeaderRefusedError("file_malformed", f"The JSON breaks off or is none: {str(error)[:200]}") from None
    run.last_line = max(number, run.last_line)
    # Read ahead by chunks: all of it is behind only when the last entity was.
    run.read_bytes = run.file_size if ended else min(file.position, run.file_size - 1)


def _entities(file: Unpacked) -> AsyncIterator[Any]:
    entities_of_file: AsyncIterator[Any] = ijson.items_async(file, "pmej.item", use_float=True)
    return entities_of_file
