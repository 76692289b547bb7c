"""How people and systems want to be told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from directory.domain.messages import Purpose
from directory.store.query import Query
from kit.history import source
from kit.work import Record, Work

_COLUMNS = (
    "c.id, c.owner_kind, c.owner, c.kind, c.hint, c.purposes, c.created_at, c.verified_at, c.paused, c.disabled_at, "
    "c.disabled_reason, c.ended_at, c.version, c.changed_at, c.changed_by"
)
_ADD = """
INSERT INTO channel (id, territory, owner_kind, owner, kind, sealed, digest, hint, purposes, token_digest, token_until,
                     created_at, verified_at, paused, version, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, false, 1, $12, $14)
ON CONFLICT (territory, owner_kind, owner, digest) WHERE ended_at IS NULL DO NOTHING RETURNING id
"""
_CONFIRMED = "h.kind <> 'icalendar' AND h.ended_at IS NULL AND h.verified_at IS NOT NULL AND h.disabled_at IS NULL"
"""SQL condition: channel `h` is confirmed and works. A calendar is only read: it is none to tell anything by."""

_USABLE = f"""
SELECT h.id, h.kind FROM channel h
 WHERE h.territory = $1 AND h.owner_kind = $2 AND h.owner = $3 AND {_CONFIRMED}
   AND (h.kind = 'email' OR $4::text IS NOT NULL) AND ($4::text IS NULL OR $4 = ANY (h.purposes)) ORDER BY h.id
"""
_OWNERS = f"""
SELECT DISTINCT h.owner_kind, h.owner FROM channel h
 WHERE h.territory = $1 AND $2 = ANY (h.purposes) AND {_CONFIRMED} ORDER BY h.owner_kind, h.owner
"""
_CANCEL = """
UPDATE delivery SET state = 'cancelled', ended_at = $3 WHERE territory = $1 AND channel_id = $2 AND state = 'queued'
"""
_WAKE = "UPDATE lane SET next_at = $3, failures = 0, failing_since = NULL WHERE territory = $1 AND channel_id = $2"


def reachable(territory: str, rpps: str, purpose: Purpose, *, by_email: bool = False) -> str:
    """SQL condition: the professional has a channel for this, not paused. Columns or numbered parameters."""
    only = " AND h.kind = 'email'" * by_email
    return (
        f"EXISTS (SELECT FROM channel h WHERE h.territory = {territory} AND h.owner_kind = 'rpps' AND h.owner = {rpps} "
        f"AND {_CONFIRMED}{only} AND NOT h.paused AND '{purpose}' = ANY (h.purposes))"
    )


async def add(work: Work, channel_id: UUID, *, by: str, **row: Any) -> bool:
    """A new channel; False when its owner has this address already."""
    names = (
        "owner_kind", "owner", "kind", "sealed", "digest", "hint", "purposes", "token_digest", "token_until"
    )  # fmt: skip
    values = [row.get(name) for name in names]
    return (
        await work.fetchval(_ADD, channel_id, work.territory, *values, work.now, row.get("verified_at"), by) is not None
    )


async def usable(work: Work, owner: tuple[str, str], purpose: str | None) -> list[Record]:
    """Confirmed channels of an owner that may carry this purpose; e-mail ones when it is about a channel itself."""
    return await work.fetch(_USABLE, work.territory, *owner, purpose)


async def owners(work: Work, purpose: Purpose) -> list[Record]:
    """Who, `owner_kind, owner`, has a confirmed channel that carries this purpose."""
    return await work.fetch(_OWNERS, work.territory, purpose)


async def find(work: Work, channel_id: UUID, *, lock: bool = False) -> Record | None:
    """One channel, with its sealed address."""
    return await work.fetchrow(
        f"SELECT {_COLUMNS}, c.sealed FROM channel c WHERE territory = $1 AND id = $2"
        + (" FOR UPDATE" if lock else ""),
        work.territory,
        channel_id,
    )


async def find_by_token(work: Work, digest: bytes) -> Record | None:
    """The channel that a confirmation link is about, locked."""
    return await work.fetchrow(
        f"SELECT {_COLUMNS}, c.token_until FROM channel c WHERE territory = $1 AND token_digest = $2 FOR UPDATE",
        work.territory,
        digest,
    )


async def search(
    work: Work,
    *,
    owner: tuple[str, str] | None,
    kind: str | None,
    purpose: str | None,
    ended: bool,
    after: UUID | None,
    until: datetime | None,
    limit: int,
) -> list[Record]:
    """Channels of the territory in the order in which they were made, as they were before `until` when given."""
    query = Query()
    rows = source(query, "channel", work.territory, until)
    conditions = [query.bind("c.territory = ?", work.territory)]
    conditions += [query.bind("c.owner_kind = ? AND c.owner = ?", *owner)] if owner else []
    conditions += [query.bind("c.kind = ?", kind)] if kind else []
    conditions += [query.bind("? = ANY (c.purposes)", purpose)] if purpose else []
    conditions += [] if ended else ["c.ended_at IS NULL"]
    conditions += [query.bind("c.id > ?", after)] if after else []
    limited = query.bind("ORDER BY c.id LIMIT ?", limit)
    return await work.fetch(f"SELECT {_COLUMNS} FROM {rows} c WHERE {' AND '.join(conditions)} {limited}", *query.args)


async def cancel_waiting(work: Work, channel_id: UUID) -> None:
    """What waits for an ended channel is cancelled."""
    await work.execute(_CANCEL, work.territory, channel_id, work.now)


async def wake_lane(work: Work, channel_id: UUID) -> None:
    """A webhook that rested is asked at once."""
    await work.execute(_WAKE, work.territory, channel_id, work.now)
