"""Removes the files of patients who were erased from the store, after the transaction that erased them."""

from kit.blobs import BlobStore
from kit.work import Work
from pathways.store import blob_removals


async def remove_blobs(work: Work, blobs: BlobStore, limit: int) -> int:
    """One batch, of all territories, under the system role. What is gone already is removed again, in vain."""
    keys = [row["blob"] for row in await blob_removals.take(work, limit)]
    for key in keys:
        await blobs.delete(key)
    await blob_removals.done(work, keys)
    return len(keys)
