"""The patient's contact, sealed and apart; every reading leaves a row that cannot be changed."""

from datetime import datetime
from uuid import UUID

from kit.work import Record, Work

_INSERT = "INSERT INTO call_contact (call_id, territory, sealed, purge_after) VALUES ($1, $2, $3, $4)"
_GET = """
SELECT c.id, c.client, c.client_organisation, k.sealed
  FROM call c LEFT JOIN call_contact k ON k.call_id = c.id AND k.purge_after > $2 WHERE c.id = $1
"""
_READ = """
INSERT INTO contact_read (id, territory, call_id, read_at, client, role, organisation, rpps, ground)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_PURGE = "DELETE FROM call_contact WHERE purge_after <= $1"


async def insert(work: Work, call_id: UUID, sealed: bytes, purge_after: datetime) -> None:
    """Keeps a sealed contact until `purge_after`."""
    await work.execute(_INSERT, call_id, work.territory, sealed, purge_after)


async def get(work: Work, call_id: UUID) -> Record | None:
    """Who made the call, and its sealed contact (null when none was given or it is purged)."""
    return await work.fetchrow(_GET, call_id, work.now)


async def log_read(
    work: Work, call_id: UUID, *, client: str, role: str | None, organisation: str | None, rpps: str | None, ground: str
) -> None:
    """Writes down that a contact is read in this transaction, by whom and on what ground."""
    await work.execute(
        _READ, work.new_id(), work.territory, call_id, work.now, client, role, organisation, rpps, ground
    )


async def purge(work: Work) -> int:
    """Deletes the contacts whose time has passed, of all territories (system role). Answers how many."""
    return int((await work.execute(_PURGE, work.now)).split()[-1])
