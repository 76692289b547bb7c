"""Batches of the record of accesses and their seals."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from kit.work import Record, Work

_UNSEALED = "SELECT * FROM access_record WHERE batch IS NULL ORDER BY territory, id LIMIT $1"
_LAST = "SELECT number, seal FROM access_seal WHERE territory = $1 ORDER BY number DESC LIMIT 1"
_SEAL = """
INSERT INTO access_seal (territory, number, sealed_at, row_count, newest_at, digest, previous, seal, row_digests)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_PUT_IN = "UPDATE access_record SET batch = $2 WHERE id = ANY($1)"
_SEALS = "SELECT * FROM access_seal WHERE territory = $1 AND number > $2 ORDER BY number LIMIT 100"
_ROWS = "SELECT * FROM access_record WHERE territory = $1 AND batch = $2 ORDER BY id"
_TERRITORIES = "SELECT territory FROM access_seal UNION SELECT territory FROM access_record ORDER BY 1"
_UNKNOWN_BATCH = """
SELECT min(a.batch) FROM access_record a WHERE a.territory = $1 AND a.batch IS NOT NULL
  AND NOT EXISTS (SELECT FROM access_seal s WHERE s.territory = a.territory AND s.number = a.batch)
"""
_WAITING = "SELECT count(*) FROM access_record WHERE territory = $1 AND batch IS NULL AND at < $2"
_EXPORT = """
SELECT * FROM access_record
WHERE ($1::uuid IS NULL OR patient_id = $1) AND ($2::text IS NULL OR subject = $2)
  AND ($3::timestamptz IS NULL OR at >= $3) AND ($4::timestamptz IS NULL OR at < $4)
  AND ($5::uuid IS NULL OR id < $5)
ORDER BY id DESC LIMIT $6
"""
_PURGED = """
UPDATE access_seal SET purged_at = $2, row_digests = NULL
WHERE (territory, number) IN (
  SELECT territory, number FROM access_seal WHERE territory = $4 AND purged_at IS NULL AND newest_at < $1
  ORDER BY newest_at LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING territory, number, row_count
"""
_DELETE = "DELETE FROM access_record WHERE territory = $1 AND batch = $2"


async def unsealed(work: Work, limit: int) -> list[Record]:
    """Rows that no batch holds yet, by territory. A row of a long transaction simply comes with a later batch."""
    return await work.fetch(_UNSEALED, limit)


async def last(work: Work, territory: str) -> tuple[int, bytes]:
    """Number and value of the newest seal; 0 and nothing before the first."""
    row = await work.fetchrow(_LAST, territory)
    return (row["number"], row["seal"]) if row else (0, b"")


async def seal(
    work: Work,
    territory: str,
    number: int,
    *,
    ids: list[UUID],
    newest: datetime,
    digest: bytes,
    previous: bytes,
    value: bytes,
    row_digests: bytes,
) -> None:
    """Puts the rows into the batch."""
    values = (len(ids), newest, digest, previous, value, row_digests)
    await work.execute(_SEAL, territory, number, work.now, *values)
    await work.execute(_PUT_IN, ids, number)


async def territories(work: Work) -> list[str]:
    return [row["territory"] for row in await work.fetch(_TERRITORIES)]


async def seals(work: Work, territory: str) -> AsyncIterator[Record]:
    """All of a territory in their order, a page at a time."""
    seen = 0
    while rows := await work.fetch(_SEALS, territory, seen):
        for row in rows:
            yield row
        seen = rows[-1]["number"]


async def rows_of(work: Work, territory: str, number: int) -> list[Record]:
    return await work.fetch(_ROWS, territory, number)


async def unknown_batch(work: Work, territory: str) -> int | None:
    """A batch that rows name and that has no seal."""
    found: int | None = await work.fetchval(_UNKNOWN_BATCH, territory)
    return found


async def waiting(work: Work, territory: str, before: datetime) -> int:
    """Rows from before an instant that no batch holds."""
    return int(await work.fetchval(_WAITING, territory, before))


async def several(
    work: Work,
    *,
    patient_id: UUID | None,
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """The newest first."""
    return await work.fetch(_EXPORT, patient_id, subject, since, until, after, limit)


async def purge(work: Work, territory: str, before: datetime, limit: int) -> int:
    """Removes the rows of batches whose newest row is older; their seals stay. Answers how many rows."""
    batches = await work.fetch(_PURGED, before, work.now, limit, territory)
    for batch in batches:
        await work.execute(_DELETE, batch["territory"], batch["number"])
    return sum(batch["row_count"] for batch in batches)
