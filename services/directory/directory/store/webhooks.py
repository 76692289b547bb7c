"""Webhooks: what they asked for, their queues, what was delivered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from directory.store.query import Query
from kit.work import Record, Work

_COLUMNS = """
SELECT c.id, c.owner_kind, c.owner, c.kind, c.hint, c.purposes, c.created_at, c.verified_at, c.paused, c.disabled_at,
       c.disabled_reason, c.ended_at, c.version, c.changed_at, c.changed_by, w.events, w.thin, w.scopes,
       w.old_secret_until, w.secret, l.failures, l.failing_since
  FROM webhook w JOIN channel c ON c.id = w.channel_id JOIN lane l ON l.channel_id = w.channel_id
"""
_ADD = """
INSERT INTO webhook (channel_id, territory, events, scopes, thin, secret, version, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8)
"""
_ADD_LANE = "INSERT INTO lane (channel_id, territory, next_at, failures) VALUES ($1, $2, $3, 0)"
_ASKED = """
UPDATE webhook SET events = $3, scopes = $4, thin = $5, version = version + 1, changed_at = $6, changed_by = $7
 WHERE territory = $1 AND channel_id = $2
"""
_ROTATE = """
UPDATE webhook SET old_secret = secret, old_secret_until = $4, secret = $3, version = version + 1, changed_at = $5,
       changed_by = $6
 WHERE territory = $1 AND channel_id = $2
"""
_LISTENING = """
SELECT w.channel_id, c.owner_kind, c.owner, w.events, w.scopes, w.thin
  FROM webhook w JOIN channel c ON c.id = w.channel_id
 WHERE w.territory = $1 AND c.ended_at IS NULL AND c.verified_at IS NOT NULL AND c.created_at <= $2
"""
_QUEUE = """
INSERT INTO delivery (id, territory, lane, channel_id, event_id, type, body, state, tries, attempts, next_at,
                      created_at)
VALUES ($1, $2, 'webhook', $3, $4, $5, $6, 'queued', 0, 0, $7, $7)
ON CONFLICT (channel_id, event_id) WHERE event_id IS NOT NULL DO NOTHING
"""
# A channel that is not confirmed yet, or that rests, gets tests and nothing else.
_DUE = """
d.state = 'queued' AND d.next_at <= $1 AND c.ended_at IS NULL
   AND (d.type = $3 OR (c.verified_at IS NOT NULL AND NOT c.paused AND c.disabled_at IS NULL))
"""
_LANES = f"""
UPDATE lane SET next_at = $2 WHERE channel_id IN (
    SELECT l.channel_id FROM lane l JOIN channel c ON c.id = l.channel_id
     WHERE l.next_at <= $1 AND EXISTS (SELECT 1 FROM delivery d WHERE d.channel_id = l.channel_id AND {_DUE})
     ORDER BY l.next_at LIMIT $4 FOR UPDATE OF l SKIP LOCKED)
RETURNING channel_id, territory
"""
_NEXT = f"""
WITH due AS (
    SELECT d.id FROM delivery d JOIN channel c ON c.id = d.channel_id WHERE d.channel_id = $4 AND {_DUE}
     ORDER BY d.seq LIMIT 1 FOR UPDATE OF d SKIP LOCKED
), taken AS (
    UPDATE delivery d SET next_at = $2, tries = tries + 1, attempts = attempts + 1 FROM due WHERE d.id = due.id
    RETURNING d.*
), begun AS (
    INSERT INTO attempt (delivery_id, number, territory, at) SELECT id, attempts, territory, $1 FROM taken
), held AS (
    UPDATE lane SET next_at = $2 WHERE channel_id IN (SELECT channel_id FROM taken)
)
SELECT t.id, t.channel_id, t.type, t.event_id, t.message_id, t.body, t.tries, t.attempts, t.created_at,
       m.sealed AS content, c.sealed AS address, c.verified_at, w.secret, w.old_secret, w.old_secret_until,
       l.failures, l.failing_since
  FROM taken t JOIN channel c ON c.id = t.channel_id JOIN webhook w ON w.channel_id = t.channel_id
  JOIN lane l ON l.channel_id = t.channel_id LEFT JOIN message m ON m.id = t.message_id
"""
_LANE = """
UPDATE lane SET next_at = $2, failures = $3, failing_since = $4 WHERE channel_id = $1
"""
_RELEASE = "UPDATE lane SET next_at = $2 WHERE channel_id = $1 AND failures = 0"
_SHOWN = "id, seq, event_id, message_id, type, state, attempts, created_at, ended_at, next_at"
_REPLAY_ONE = """
UPDATE delivery SET state = 'queued', tries = 0, next_at = $4, ended_at = NULL
 WHERE territory = $1 AND channel_id = $2 AND id = $3 AND state <> 'queued' RETURNING id
"""
_REPLAY = """
UPDATE delivery SET state = 'queued', tries = 0, next_at = $7, ended_at = NULL
 WHERE id IN (SELECT id FROM delivery WHERE territory = $1 AND channel_id = $2 AND created_at >= $3 AND created_at < $4
                 AND state = ANY ($5) AND event_id IS NOT NULL ORDER BY seq LIMIT $6) RETURNING id
"""


async def add(
    work: Work, channel_id: UUID, *, events: list[str], scopes: list[str], thin: bool, secret: bytes, by: str
) -> None:
    """What a new webhook channel asked for, and its queue."""
    await work.execute(_ADD, channel_id, work.territory, events, scopes, thin, secret, work.now, by)
    await work.execute(_ADD_LANE, channel_id, work.territory, work.now)


async def find(work: Work, channel_id: UUID) -> Record | None:
    """One webhook, the row of its channel locked."""
    sql = f"{_COLUMNS} WHERE w.territory = $1 AND w.channel_id = $2 FOR UPDATE OF c"
    return await work.fetchrow(sql, work.territory, channel_id)


async def search(
    work: Work, *, owner: tuple[str, str] | None, ended: bool, after: UUID | None, limit: int
) -> list[Record]:
    """Webhooks of the territory in the order in which they were made."""
    query = Query()
    conditions = [query.bind("w.territory = ?", work.territory)]
    conditions += [query.bind("c.owner_kind = ? AND c.owner = ?", *owner)] if owner else []
    conditions += [] if ended else ["c.ended_at IS NULL"]
    conditions += [query.bind("c.id > ?", after)] if after else []
    limited = query.bind("ORDER BY c.id LIMIT ?", limit)
    return await work.fetch(f"{_COLUMNS} WHERE {' AND '.join(conditions)} {limited}", *query.args)


async def ask_for(work: Work, channel_id: UUID, *, events: list[str], scopes: list[str], thin: bool, by: str) -> None:
    """Other events from now on."""
    await work.execute(_ASKED, work.territory, channel_id, events, scopes, thin, work.now, by)


async def rotate(work: Work, channel_id: UUID, secret: bytes, until: datetime, by: str) -> None:
    """Another secret; the one before signs as well until then."""
    await work.execute(_ROTATE, work.territory, channel_id, secret, until, work.now, by)


async def listening(work: Work, at: datetime) -> list[Record]:
    """Confirmed webhooks of the territory that were there at this time, with what they asked for."""
    return await work.fetch(_LISTENING, work.territory, at)


async def queue(work: Work, channel_id: UUID, *, event_id: UUID | None, kind: str, body: str) -> UUID:
    """One more delivery, unless this webhook has this event already."""
    new = work.new_id()
    await work.execute(_QUEUE, new, work.territory, channel_id, event_id, kind, body, work.now)
    return new


async def claim_lanes(work: Work, until: datetime, test: str, limit: int) -> list[Record]:
    """Webhooks with something to bring now, of all territories; nobody else is given them before `until`."""
    return await work.fetch(_LANES, work.now, until, test, limit)


async def claim_next(work: Work, channel_id: UUID, until: datetime, test: str) -> Record | None:
    """The next delivery of a lane that one holds, with all that is needed to send it."""
    return await work.fetchrow(_NEXT, work.now, until, test, channel_id)


async def keep_lane(work: Work, channel_id: UUID, next_at: datetime, failures: int, since: datetime | None) -> None:
    """How the endpoint is, and when it may be asked again."""
    await work.execute(_LANE, channel_id, next_at, failures, since)


async def release_lane(work: Work, channel_id: UUID) -> None:
    """Somebody else may bring what is left; an endpoint that is ill keeps its rest."""
    await work.execute(_RELEASE, channel_id, work.now)


async def replay_one(work: Work, channel_id: UUID, delivery_id: UUID) -> bool:
    """Due again, with all its tries; False when there is none of this id that has ended."""
    return await work.fetchval(_REPLAY_ONE, work.territory, channel_id, delivery_id, work.now) is not None


async def replay(
    work: Work, channel_id: UUID, *, since: datetime, until: datetime, states: list[str], limit: int
) -> int:
    """Events of a time are due again; answers how many, at most `limit`."""
    args: tuple[Any, ...] = (work.territory, channel_id, since, until, states, limit, work.now)
    return len(await work.fetch(_REPLAY, *args))


async def deliveries(
    work: Work, channel_id: UUID, *, state: str | None, kind: str | None, before: int | None, limit: int
) -> list[Record]:
    """Deliveries of a webhook, the latest first."""
    query = Query()
    conditions = [query.bind("territory = ? AND channel_id = ?", work.territory, channel_id)]
    conditions += [query.bind("state = ?", state)] if state else []
    conditions += [query.bind("type = ?", kind)] if kind else []
    conditions += [query.bind("seq < ?", before)] if before else []
    limited = query.bind("ORDER BY seq DESC LIMIT ?", limit)
    return await work.fetch(
        f"SELECT {_SHOWN} FROM delivery WHERE {' AND '.join(conditions)} {limited}",
        *query.args,
    )


async def delivery(work: Work, channel_id: UUID, delivery_id: UUID) -> Record | None:
    """One delivery with its body."""
    return await work.fetchrow(
        f"SELECT {_SHOWN}, body FROM delivery WHERE territory = $1 AND channel_id = $2 AND id = $3",
        work.territory,
        channel_id,
        delivery_id,
    )
