"""Remove the files that nothing refers to any more from the store, some time after. A job of the worker."""

from datetime import timedelta

from indicators.store import blob_removals
from kit.blobs import BlobStore
from kit.work import Work

GRACE = timedelta(hours=1)
"""Whoever has read where a file is may still be reading it."""


async def remove_blobs(work: Work, blobs: BlobStore, limit: int) -> int:
    """One batch, of all territories. What is gone already is removed again, in vain."""
    keys = [row["blob"] for row in await blob_removals.take(work, limit)]
    for key in keys:
        await blobs.delete(key)
    if keys:
        await blob_removals.done(work, keys)
    return len(keys)
