"""Files that nothing refers to any more: noted in the transaction that ends them, removed after it."""

from collections.abc import Iterable

from kit.work import Record, Work

_ADD = "INSERT INTO blob_to_remove (blob, territory, asked_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
_TAKE = "SELECT blob FROM blob_to_remove ORDER BY asked_at LIMIT $1 FOR UPDATE SKIP LOCKED"
_DONE = "DELETE FROM blob_to_remove WHERE blob = ANY($1)"


async def ask(work: Work, blobs: Iterable[tuple[str, str]]) -> None:
    """Key and territory of each."""
    await work.executemany(_ADD, [(blob, territory, work.now) for blob, territory in blobs])


async def take(work: Work, limit: int) -> list[Record]:
    """The oldest, locked."""
    return await work.fetch(_TAKE, limit)


async def done(work: Work, blobs: list[str]) -> None:
    await work.execute(_DONE, blobs)
