"""Ladders as they were, and the steps that calls have taken on them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson

from kit.work import Record, Work
from snp_dispatch.domain.ladder import Ladder
from snp_dispatch.store.rows import present

_KEEP = "INSERT INTO ladder (digest, version, content, kept_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
_CONTENT = "SELECT content FROM ladder WHERE digest = $1"
_BEGIN = """
UPDATE call c SET escalating = true
 WHERE c.id IN (SELECT id FROM call WHERE state = 'waiting' AND NOT escalating AND ladder IS NOT NULL
                 ORDER BY id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING c.id, c.territory, c.ladder, c.deadline,
          (SELECT coalesce(max(position) + 1, 0) FROM escalation_step s WHERE s.call_id = c.id) AS position
"""
_LOCK = "SELECT * FROM call WHERE id = $1 FOR NO KEY UPDATE"
_PAUSE = "UPDATE call SET escalating = false WHERE id = $1"
_STEP = """
INSERT INTO escalation_step (call_id, position, territory, kind, outcome, detail, done_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_STEPS = "SELECT position, kind, outcome, detail, done_at FROM escalation_step WHERE call_id = $1 ORDER BY position"
_TELL = "UPDATE call SET version = version + 1 WHERE id = $1 RETURNING version"


async def keep(work: Work, ladders: Iterable[Ladder]) -> None:
    """Keeps the ladders in force by their content, for the calls that will pin them (system role)."""
    for it in ladders:
        await work.execute(_KEEP, it.digest, it.version, orjson.dumps(it.model_dump(mode="json")).decode(), work.now)


async def ladder(work: Work, digest: str) -> Ladder:
    """The ladder that a call has pinned."""
    return Ladder.model_validate(present(await work.fetchval(_CONTENT, digest)))


async def begin(work: Work, limit: int) -> list[Record]:
    """Marks calls that have come to wait: `id, territory, ladder, deadline, position` (system role)."""
    return await work.fetch(_BEGIN, limit)


async def lock(work: Work, call_id: UUID) -> Record:
    """Locks a call. Touches no slot afterwards."""
    return present(await work.fetchrow(_LOCK, call_id))


async def pause(work: Work, call_id: UUID) -> None:
    """The call does not wait any more; if it does again, the ladder goes on where it stopped."""
    await work.execute(_PAUSE, call_id)


async def add_step(work: Work, call_id: UUID, position: int, *, kind: str, outcome: str, detail: dict[str, Any]) -> int:
    """Notes a step of a locked call; answers the call's new version."""
    text = orjson.dumps(detail).decode()
    await work.execute(_STEP, call_id, position, work.territory, kind, outcome, text, work.now)
    version: int = await work.fetchval(_TELL, call_id)
    return version


async def steps(work: Work, call_id: UUID) -> list[Record]:
    """The steps taken, in order: `position, kind, outcome, detail, done_at`."""
    return await work.fetch(_STEPS, call_id)
