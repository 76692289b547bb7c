"""Reading the story of calls from the outbox, by positions that nothing appears behind (system role).

A row counts once its transaction is older than every one still running (`settled`): whatever commits later has a
greater position. `xid` is the inserting transaction; the row's own xmin is the relay's, once it was sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from kit.work import Record, Work
from snp_dispatch.domain.statuses import Audience, Position, Status, name_of, told

# The same words as in the partial indexes.
_OF_CALLS = "o.type NOT LIKE 'fr.cpts.snp-dispatch.slot.%'"
_CALL_ID = "(o.body::jsonb #>> '{data,call_id}')"
_COLUMNS = """
o.xid, o.seq, o.type, o.body, c.id AS call_id, c.client, c.client_organisation,
o.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS settled
"""
_CALL = f"LEFT JOIN call c ON c.id = {_CALL_ID}::uuid AND c.territory = o.territory"
_ORDER = "ORDER BY o.xid, o.seq LIMIT"
NEWER = f"""
SELECT o.* FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS w (territory, xid, seq) CROSS JOIN LATERAL (
       SELECT o.territory, {_COLUMNS} FROM outbox o {_CALL}
        WHERE o.territory = w.territory AND (o.xid, o.seq) > (w.xid, w.seq) AND {_OF_CALLS} {_ORDER} $4) o
"""
OF_CALL = f"""
SELECT {_COLUMNS} FROM outbox o {_CALL}
 WHERE {_CALL_ID} = $1::text AND o.territory = $2 AND (o.xid, o.seq) > ($3::bigint, $4::bigint) AND {_OF_CALLS}
 {_ORDER} $5
"""
_NOW = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
START = Position(0, 0)


@dataclass(frozen=True)
class Read:
    """What was read: statuses, the position that it reaches, and what remains there."""

    statuses: list[Status]
    reached: Position
    full: bool
    unsettled: bool


async def here(work: Work) -> Position:
    """The position of now: all that is settled is before it, all that will be is after it."""
    return Position(await work.fetchval(_NOW), 0)


async def newer(work: Work, positions: Mapping[str, Position], limit: int) -> dict[str, Read]:
    """What is newer than a position, for each of some territories, at most `limit` events of each."""
    rows = await work.fetch(
        NEWER,
        list(positions),
        [it.transaction for it in positions.values()],
        [it.number for it in positions.values()],
        limit,
    )
    found: dict[str, list[Record]] = {territory: [] for territory in positions}
    for row in rows:
        found[row["territory"]].append(row)
    return {territory: _read(of, positions[territory], limit) for territory, of in found.items()}


async def after(work: Work, territory: str, audience: Audience, position: Position, limit: int) -> Read:
    """What an audience has missed since a position: at most `limit` events, of one call by the call's own index."""
    if audience.call_id is None:
        return (await newer(work, {territory: position}, limit))[territory]
    rows = await work.fetch(OF_CALL, audience.call_id, territory, *position, limit)
    return _read(rows, position, limit)


def _read(rows: list[Record], since: Position, limit: int) -> Read:
    settled = [row for row in rows if row["settled"]]
    reached = Position(settled[-1]["xid"], settled[-1]["seq"]) if settled else since
    statuses = [status for row in settled if (status := _status(row)) is not None]
    return Read(statuses, reached, full=len(settled) == limit, unsettled=len(settled) < len(rows))


def _status(row: Any) -> Status | None:
    name = name_of(row["type"])
    if name is None or row["call_id"] is None:
        return None
    return Status(
        position=Position(row["xid"], row["seq"]),
        name=name,
        call_id=str(row["call_id"]),
        client=row["client"],
        organisation=row["client_organisation"],
        data=told(orjson.loads(row["body"]), name),
    )
