"""Requests to derive the projections again, and what came out of them."""

from uuid import UUID

from kit.work import Record, Work


async def add(work: Work, requested_by: str) -> Record:
    """Notes a request."""
    (row,) = await work.fetch(
        "INSERT INTO rebuild (id, territory, requested_by, requested_at) VALUES ($1, $2, $3, $4) RETURNING *",
        *(work.new_id(), work.territory, requested_by, work.now),
    )
    return row


async def find(work: Work, rebuild_id: UUID) -> Record | None:
    """A rebuild of the caller's territory, or None."""
    return await work.fetchrow("SELECT * FROM rebuild WHERE id = $1 AND territory = $2", rebuild_id, work.territory)


async def take(work: Work) -> Record | None:
    """The oldest one that waits, of any territory, locked until the end of the transaction."""
    return await work.fetchrow(
        "SELECT * FROM rebuild WHERE finished_at IS NULL ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED"
    )


async def finish(work: Work, rebuild_id: UUID, facts: int, changed: int) -> None:
    """Says what came out."""
    await work.execute(
        "UPDATE rebuild SET finished_at = $2, facts = $3, changed = $4 WHERE id = $1",
        *(rebuild_id, work.now, facts, changed),
    )
