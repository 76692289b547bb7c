"""Rows of advice."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kit import rows
from kit.work import Record, Work

TABLE = "advice"
_WAITING = """
SELECT * FROM advice WHERE state = 'asked' AND next_at <= $1 ORDER BY next_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_ADVANCE = """
UPDATE advice SET turn = $2, next_at = $3, overdue_at = $4, version = version + 1, changed_at = $5, changed_by = $6
WHERE id = $1 RETURNING *
"""


async def waiting(work: Work, limit: int) -> list[Record]:
    """Questions of every territory about which something is to be done by now, locked."""
    return await work.fetch(_WAITING, work.now, limit)


async def advance(
    work: Work, row: Record, by: str, *, turn: int, next_at: datetime | None, overdue_at: datetime | None
) -> Record:
    """The question is put to another, or is overdue."""
    (changed,) = await work.fetch(_ADVANCE, row["id"], turn, next_at, overdue_at, work.now, by)
    return changed


async def several(work: Work, *, filters: list[tuple[Any, ...]], after: UUID | None, limit: int) -> list[Record]:
    """The newest first."""
    return await rows.listed(work, TABLE, filters, latest_first=True, after=after, limit=limit)
