"""Communications about crises: to whom they go, and what became of them."""

from collections.abc import Sequence
from uuid import UUID

from directory.store.query import Query
from kit.work import Record, Work

_LISTED = """
SELECT DISTINCT ON (recipient) id AS recipient_id, kind, owner_kind, owner, address FROM diffusion_recipient
 WHERE territory = $1 AND list_id = ANY ($2) AND until IS NULL ORDER BY recipient, id
"""
_SHOWN = """
SELECT c.*, (SELECT count(DISTINCT m.id) FROM message m JOIN delivery d ON d.message_id = m.id
              WHERE m.territory = c.territory AND m.batch = c.id AND d.state = 'delivered') AS delivered
  FROM crisis_communication c
"""


async def listed(work: Work, lists: Sequence[UUID]) -> list[Record]:
    """Who is on these diffusion lists today, each once; addresses are sealed."""
    return await work.fetch(_LISTED, work.territory, list(lists))


async def find(work: Work, communication_id: UUID) -> Record | None:
    """One communication, with how many recipients it has reached."""
    return await work.fetchrow(f"{_SHOWN} WHERE c.territory = $1 AND c.id = $2", work.territory, communication_id)


async def search(
    work: Work, *, plan_id: UUID | None, activation_id: UUID | None, before: UUID | None, limit: int
) -> list[Record]:
    """Communications of the territory, the latest first."""
    query = Query()
    conditions = [query.bind("c.territory = ?", work.territory)]
    conditions += [query.bind("c.plan_id = ?", plan_id)] if plan_id else []
    conditions += [query.bind("c.activation_id = ?", activation_id)] if activation_id else []
    conditions += [query.bind("c.id < ?", before)] if before else []
    tail = query.bind("ORDER BY c.id DESC LIMIT ?", limit)
    return await work.fetch(f"{_SHOWN} WHERE {' AND '.join(conditions)} {tail}", *query.args)
