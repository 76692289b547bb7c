"""The waitlist as a desk reads it."""

from kit.work import Work
from snp_dispatch.store import waitlist
from snp_dispatch.store.rows import Row
from snp_dispatch.store.waitlist import Key


async def list_waiting(
    work: Work, *, profession: str | None, origin: str | None, after: Key | None, limit: int
) -> list[Row]:
    """Waiting calls in their order, with their position among all."""
    return await waitlist.page(work, profession=profession, origin=origin, after=after, limit=limit)
