"""Addresses of effectors' own calendars: sealed, and what came of reading them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kit.work import Record, Work

_SET = """
INSERT INTO busy_calendar (territory, effector_id, sealed, host, version, set_at, next_read_at, failures)
VALUES ($1, $2, $3, $4, 1, $5, $5, 0)
ON CONFLICT (territory, effector_id) DO UPDATE
   SET sealed = excluded.sealed, host = excluded.host, version = busy_calendar.version + 1, set_at = excluded.set_at,
       next_read_at = excluded.next_read_at, failures = 0, read_at = NULL, succeeded_at = NULL, whole_at = NULL,
       result = NULL, status = NULL, etag = NULL, last_modified = NULL, periods = NULL, skipped = NULL,
       withdrawn = NULL, reopened = NULL, conflicts = NULL
"""
_GET = """
SELECT b.*, e.kind, e.name FROM busy_calendar b JOIN effector e ON e.id = b.effector_id
 WHERE b.territory = $1 AND b.effector_id = $2
"""
_REMOVE = "DELETE FROM busy_calendar WHERE territory = $1 AND effector_id = $2 RETURNING 1"
# A lease: whoever dies while reading leaves the address due again when it ends.
_CLAIM = """
UPDATE busy_calendar b SET next_read_at = $2
 WHERE (b.territory, b.effector_id) IN (
       SELECT territory, effector_id FROM busy_calendar WHERE next_read_at <= $1
        ORDER BY next_read_at LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING b.territory, b.effector_id, b.sealed, b.version, b.etag, b.last_modified, b.whole_at, b.failures
"""
_LOCK = "SELECT version FROM busy_calendar WHERE territory = $1 AND effector_id = $2 FOR UPDATE"
_SAID = """
UPDATE busy_calendar SET read_at = $3, next_read_at = $4, failures = $5, result = $6, status = $7
 WHERE territory = $1 AND effector_id = $2
"""
_SUCCEEDED = "UPDATE busy_calendar SET succeeded_at = $3 WHERE territory = $1 AND effector_id = $2"
_WHOLE = """
UPDATE busy_calendar
   SET whole_at = $3, etag = $4, last_modified = $5, periods = $6, skipped = $7, withdrawn = $8, reopened = $9,
       conflicts = $10
 WHERE territory = $1 AND effector_id = $2
"""


@dataclass(frozen=True)
class Said:
    """How a reading came out. `failures` in a row, this one included."""

    result: str
    status: int | None
    failures: int
    next_read_at: datetime


@dataclass(frozen=True)
class Whole:
    """What a whole calendar did, and by what it is recognised the next time."""

    etag: str | None
    last_modified: str | None
    periods: int
    skipped: int
    withdrawn: int
    reopened: int
    conflicts: Sequence[UUID]


async def keep(work: Work, effector_id: str, sealed: bytes, host: str) -> None:
    """Sets the address or changes it; it is due at once, and what was said of another one is forgotten."""
    await work.execute(_SET, work.territory, effector_id, sealed, host, work.now)


async def get(work: Work, effector_id: str) -> Record | None:
    """The state of an address, with the kind and name of its effector."""
    return await work.fetchrow(_GET, work.territory, effector_id)


async def remove(work: Work, effector_id: str) -> bool:
    """False when there was none."""
    return await work.fetchval(_REMOVE, work.territory, effector_id) is not None


async def claim_due(work: Work, until: datetime, limit: int) -> list[Record]:
    """Addresses to read now, of all territories; nobody else is given them before `until` (system role)."""
    return await work.fetch(_CLAIM, work.now, until, limit)


async def lock(work: Work, effector_id: str) -> int | None:
    """Locks the address; answers its version, None when it was removed."""
    version: int | None = await work.fetchval(_LOCK, work.territory, effector_id)
    return version


async def said(work: Work, effector_id: str, it: Said) -> None:
    """Notes how a reading came out."""
    await work.execute(_SAID, work.territory, effector_id, work.now, it.next_read_at, it.failures, it.result, it.status)
    if not it.failures:
        await work.execute(_SUCCEEDED, work.territory, effector_id, work.now)


async def whole(work: Work, effector_id: str, it: Whole) -> None:
    """Notes what a whole calendar did."""
    counts = (it.periods, it.skipped, it.withdrawn, it.reopened, list(it.conflicts))
    await work.execute(_WHOLE, work.territory, effector_id, work.now, it.etag, it.last_modified, *counts)
