"""Diffusion lists, their recipients, and who received which version."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from directory.store.query import Query
from kit.work import Record, Work

_RECIPIENT = "id, list_id, recipient, kind, name, owner_kind, owner, since, until"


async def add_list(work: Work, name: str, by: str) -> Record | None:
    """A list; None when the territory has one of that name."""
    return await work.fetchrow(
        "INSERT INTO diffusion_list (id, territory, name, version, changed_at, changed_by) "
        "VALUES ($1, $2, $3, 1, $4, $5) ON CONFLICT (territory, name) WHERE ended_at IS NULL DO NOTHING "
        "RETURNING id, name, ended_at",
        work.new_id(),
        work.territory,
        name,
        work.now,
        by,
    )


async def lists(work: Work, after: UUID | None, limit: int) -> list[Record]:
    """Lists of the territory with how many are on them today."""
    query = Query()
    conditions = [query.bind("l.territory = ?", work.territory)]
    conditions += [query.bind("l.id > ?", after)] if after else []
    tail = query.bind("ORDER BY l.id LIMIT ?", limit)
    return await work.fetch(
        "SELECT l.id, l.name, l.ended_at, (SELECT count(*) FROM diffusion_recipient r WHERE r.list_id = l.id "
        f"AND r.until IS NULL) AS recipients FROM diffusion_list l WHERE {' AND '.join(conditions)} {tail}",
        *query.args,
    )


async def known_lists(work: Work, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these lists that stand on the territory."""
    rows = await work.fetch(
        "SELECT id FROM diffusion_list WHERE territory = $1 AND id = ANY ($2) AND ended_at IS NULL",
        work.territory,
        list(ids),
    )
    return {row["id"] for row in rows}


async def add_recipient(
    work: Work,
    list_id: UUID,
    recipient_id: UUID,
    recipient: UUID,
    *,
    kind: str,
    name: str,
    owner: tuple[str, str],
    address: bytes | None,
    since: date,
    by: str,
) -> Record | None:
    """Puts somebody on a list; None when they are on it."""
    return await work.fetchrow(
        "INSERT INTO diffusion_recipient (id, territory, list_id, recipient, kind, name, owner_kind, owner, address, "
        "since, version, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12) "
        f"ON CONFLICT (list_id, recipient) WHERE until IS NULL DO NOTHING RETURNING {_RECIPIENT}",
        recipient_id,
        work.territory,
        list_id,
        recipient,
        kind,
        name,
        *owner,
        address,
        since,
        work.now,
        by,
    )


async def end_recipient(work: Work, list_id: UUID, recipient_id: UUID, until: date, by: str) -> Record | None:
    """Takes somebody off a list, for good; None when the list has no such recipient."""
    return await work.fetchrow(
        "UPDATE diffusion_recipient SET until = coalesce(until, $4), version = version + 1, changed_at = $5, "
        f"changed_by = $6 WHERE territory = $1 AND list_id = $2 AND id = $3 RETURNING {_RECIPIENT}",
        work.territory,
        list_id,
        recipient_id,
        until,
        work.now,
        by,
    )


async def recipients(work: Work, list_id: UUID, after: UUID | None, limit: int) -> list[Record]:
    """Who is and was on a list, in the order in which they came."""
    query = Query()
    conditions = [query.bind("territory = ? AND list_id = ?", work.territory, list_id)]
    conditions += [query.bind("id > ?", after)] if after else []
    tail = query.bind("ORDER BY id LIMIT ?", limit)
    return await work.fetch(
        f"SELECT {_RECIPIENT} FROM diffusion_recipient WHERE {' AND '.join(conditions)} {tail}", *query.args
    )


async def plan(work: Work, publication_id: UUID, list_ids: Sequence[UUID], by: str) -> list[UUID]:
    """The version goes to everybody on these lists who has not had it; answers whom, opaque."""
    rows = await work.fetch(
        "INSERT INTO diffusion (territory, publication_id, recipient, recipient_id, requested_at, version, changed_at, "
        "changed_by) SELECT DISTINCT ON (r.recipient) $1, $2, r.recipient, r.id, $4::timestamptz, 1, "
        "$4::timestamptz, $5 FROM diffusion_recipient r WHERE r.territory = $1 AND r.list_id = ANY ($3) "
        "AND r.until IS NULL ORDER BY r.recipient, r.id ON CONFLICT DO NOTHING RETURNING recipient",
        work.territory,
        publication_id,
        list(list_ids),
        work.now,
        by,
    )
    return sorted(row["recipient"] for row in rows)


async def waiting(work: Work, limit: int) -> list[Record]:
    """Whom a version is still to be handed on to, of every territory; locked, other replicas skip them."""
    return await work.fetch(
        "SELECT d.territory, d.publication_id, d.recipient, r.id AS recipient_id, r.owner_kind, r.owner, r.address, "
        "p.list, p.number, p.title, p.files, p.added, p.gone, p.changed, p.published_at FROM diffusion d "
        "JOIN diffusion_recipient r ON r.id = d.recipient_id JOIN publication p ON p.id = d.publication_id "
        "WHERE d.message_id IS NULL ORDER BY d.requested_at LIMIT $1 FOR UPDATE OF d SKIP LOCKED",
        limit,
    )


async def note_message(work: Work, publication_id: UUID, recipient: UUID, message_id: UUID, by: str) -> None:
    """The version was handed on to this recipient as this message."""
    await work.execute(
        "UPDATE diffusion SET message_id = $3, version = version + 1, changed_at = $4, changed_by = $5 "
        "WHERE publication_id = $1 AND recipient = $2",
        publication_id,
        recipient,
        message_id,
        work.now,
        by,
    )


async def deliveries(work: Work, publication_id: UUID, after: UUID | None, limit: int) -> list[Record]:
    """Who was sent this version, and what became of it: best of the addresses first, none is unreachable."""
    query = Query()
    conditions = [query.bind("d.territory = ? AND d.publication_id = ?", work.territory, publication_id)]
    conditions += [query.bind("d.recipient > ?", after)] if after else []
    tail = query.bind("ORDER BY d.recipient LIMIT ?", limit)
    return await work.fetch(
        "SELECT d.recipient, d.requested_at, d.message_id, r.kind, r.name, r.owner_kind, l.id AS list_id, "
        "l.name AS list_name, s.lanes, s.attempts, s.delivered_at, "
        "CASE WHEN d.message_id IS NULL THEN 'queued' ELSE coalesce(s.state, 'unreachable') END AS state "
        "FROM diffusion d JOIN diffusion_recipient r ON r.id = d.recipient_id "
        "JOIN diffusion_list l ON l.id = r.list_id LEFT JOIN LATERAL ("
        "SELECT (ARRAY['delivered', 'queued', 'failed', 'cancelled'])["
        "min(array_position(ARRAY['delivered', 'queued', 'failed', 'cancelled'], v.state))] AS state, "
        "array_agg(DISTINCT v.lane) AS lanes, sum(v.attempts)::integer AS attempts, "
        "min(v.ended_at) FILTER (WHERE v.state = 'delivered') AS delivered_at "
        "FROM delivery v WHERE v.message_id = d.message_id) s ON true "
        f"WHERE {' AND '.join(conditions)} {tail}",
        *query.args,
    )
