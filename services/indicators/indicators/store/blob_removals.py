"""Files that nothing refers to any more: noted in the transaction that ends them, removed after a while."""

from collections.abc import Iterable
from datetime import datetime

from kit.work import Record, Work

_ADD = "INSERT INTO blob_to_remove (blob, territory, from_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
# One that somebody refers to again meanwhile (a correction that keeps its proof) stays until that has ended too.
_TAKE = """
SELECT blob FROM blob_to_remove WHERE from_at <= $1
   AND NOT EXISTS (SELECT FROM manual_figure WHERE proof_blob = blob)
 ORDER BY from_at, blob LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_DONE = "DELETE FROM blob_to_remove WHERE blob = ANY($1)"


async def ask(work: Work, blobs: Iterable[tuple[str, str]], from_at: datetime) -> None:
    """Key and territory of each; they are there until then."""
    await work.executemany(_ADD, [(blob, territory, from_at) for blob, territory in blobs])


async def take(work: Work, limit: int) -> list[Record]:
    """Those whose time has come, locked."""
    return await work.fetch(_TAKE, work.now, limit)


async def done(work: Work, blobs: list[str]) -> None:
    """They are removed."""
    await work.execute(_DONE, blobs)
