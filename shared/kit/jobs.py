"""Timed work: one row per job, claimed by one replica, its next tick stored in the same transaction."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import structlog

from contracts.envelope import NATIONAL
from kit.context import current_trace, new_trace
from kit.database import Database
from kit.work import Work

log = structlog.get_logger(__name__)

_REGISTER = "INSERT INTO job_run (name, due_at) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_CLAIM = "SELECT 1 FROM job_run WHERE name = $1 AND due_at <= $2 FOR UPDATE SKIP LOCKED"
_DONE = "UPDATE job_run SET due_at = $2, last_started_at = $3, last_result = $4, failing = false WHERE name = $1"
_FAILED = "UPDATE job_run SET due_at = $2, failing = true WHERE name = $1"


@dataclass(frozen=True)
class Job:
    """`run` works in a system-role transaction and may answer how many rows it touched.

    An answer above 0 with `again` set runs it again at once: the way to work off a backlog in batches.
    """

    name: str
    every: timedelta
    run: Callable[[Work], Awaitable[int | None]]
    again: bool = False


class Timer:
    """Runs one job at its rhythm until cancelled; safe with any number of replicas."""

    def __init__(self, job: Job, database: Database) -> None:
        self._job, self._database = job, database
        self.failing: str | None = None

    async def run(self) -> None:
        registered = False
        while True:
            try:
                if not registered:
                    async with self._database.work(NATIONAL) as work:
                        await work.execute(_REGISTER, self._job.name, work.now)
                    registered = True
                busy = await self.tick()
                self.failing = None
            except Exception as error:  # noqa: BLE001 - a failing job is tried again, for ever
                busy = False
                await self._failed(error)
            if not busy:
                await asyncio.sleep(min(self._job.every.total_seconds(), 0.5))

    async def tick(self) -> bool:
        """Runs the job if it is due and nobody else has it. Answers whether to come back at once."""
        current_trace.set(new_trace())
        async with self._database.work(NATIONAL) as work:
            if not await work.fetchval(_CLAIM, self._job.name, work.now):
                return False
            touched = await self._job.run(work) or 0
            again = self._job.again and touched > 0
            due = work.now if again else work.now + self._job.every
            await work.execute(_DONE, self._job.name, due, work.now, touched)
        return again

    async def _failed(self, error: Exception) -> None:
        if self.failing is None or not isinstance(error, (OSError, asyncpg.PostgresConnectionError)):
            log.error("job failed", job=self._job.name, error=type(error).__name__, exc_info=error)
        self.failing = type(error).__name__
        try:
            async with self._database.work(NATIONAL) as work:
                await work.execute(_FAILED, self._job.name, work.now + max(self._job.every, timedelta(seconds=5)))
        except Exception as again:  # noqa: BLE001
            # The database itself is away: the next round tries again.
            log.warning("job state not kept", job=self._job.name, error=type(again).__name__)
            await asyncio.sleep(1)
