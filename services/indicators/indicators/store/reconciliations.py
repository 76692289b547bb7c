"""What reconciliations found: the last of them are kept."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from uuid import UUID

import orjson

from indicators.domain.reconciliation import Difference, ProducerCount
from kit.work import Record, Work

KEPT = 400
"""Runs that are kept: more than a year of one a night."""

_ADD = """
INSERT INTO reconciliation (id, ran_at, since, repaired, complete, producers)
VALUES ($1, $2, $3, $4, $5, $6::text::jsonb)
"""
_DIFFERS = (
    "INSERT INTO reconciliation_difference (reconciliation_id, day, type, said, held) VALUES ($1, $2, $3, $4, $5)"
)
_FORGET = "DELETE FROM reconciliation WHERE id IN (SELECT id FROM reconciliation ORDER BY id DESC OFFSET $1)"
_LISTED = """
SELECT *, (SELECT count(*) FROM reconciliation_difference d WHERE d.reconciliation_id = r.id) AS differences
  FROM reconciliation r WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2
"""
_DIFFERENCES = """
SELECT day, type, said, held FROM reconciliation_difference
 WHERE reconciliation_id = $1 AND ($2::date IS NULL OR (day, type) > ($2, $3)) ORDER BY day, type LIMIT $4
"""


async def add(
    work: Work,
    *,
    since: date,
    repaired: int,
    complete: bool,
    producers: Sequence[ProducerCount],
    differences: Sequence[Difference],
) -> None:
    """Keeps what came out, and forgets the oldest beyond KEPT."""
    run_id, told = work.new_id(), orjson.dumps([asdict(it) for it in producers]).decode()
    await work.execute(_ADD, run_id, work.now, since, repaired, complete, told)
    await work.executemany(_DIFFERS, [(run_id, it.day, it.type, it.produced, it.kept) for it in differences])
    await work.execute(_FORGET, KEPT)


async def listed(work: Work, after: UUID | None, limit: int) -> list[Record]:
    """The latest first, each with the number of its differences."""
    return await work.fetch(_LISTED, after, limit)


async def find(work: Work, run_id: UUID) -> Record | None:
    """One run, or None."""
    return await work.fetchrow("SELECT * FROM reconciliation WHERE id = $1", run_id)


async def differences(work: Work, run_id: UUID, after: tuple[date, str] | None, limit: int) -> list[Record]:
    """Of one run, by day and type."""
    return await work.fetch(_DIFFERENCES, run_id, *(after or (None, None)), limit)
