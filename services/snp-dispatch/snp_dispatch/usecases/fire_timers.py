"""Fires what is due: each timer once, in one transaction with what it does.

A worker that dies in between leaves the timer pending, as its transaction never was. Any number of workers may run;
a timer whose work fails is tried again later and keeps no other waiting.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

import structlog

from kit.database import Database
from kit.work import Record, Work
from snp_dispatch.store import timers

log = structlog.get_logger(__name__)

BATCH, AT_ONCE = 200, 4
"""Timers that one round reads, and how many of them are fired side by side."""

Handler = Callable[[Work, Record], Awaitable[None]]
"""Does what a timer is for, on the territory of its work. The row has `subject_id`, `due_at` and `payload`."""


async def fire_timers(work: Work, database: Database, handlers: Mapping[str, Handler]) -> int:
    """Fires a batch of what is due; answers how many did. `database` opens one transaction a timer."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def fire(timer_id: UUID, territory: str) -> bool:
        async with gate:
            return await _fire(database, handlers, timer_id, territory)

    found = await timers.due(work, BATCH)
    return sum(await asyncio.gather(*(fire(row["id"], row["territory"]) for row in found)))


async def _fire(database: Database, handlers: Mapping[str, Handler], timer_id: UUID, territory: str) -> bool:
    try:
        async with database.work(territory) as one:
            timer = await timers.claim(one, timer_id)
            if timer is None:
                return False
            await handlers[timer["kind"]](one, timer)
            await timers.fired(one, timer_id)
            return True
    except Exception as error:
        log.error("timer failed", timer=str(timer_id), error=type(error).__name__, exc_info=error)
    async with database.work(territory) as one:
        await timers.failed(one, timer_id)
    return False
