"""Timed work: one row per job, claimed by one replica, its next tick stored in the same transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import structlog

from contracts.envelope import NATIONAL
from kit.context import current_trace, new_trace
from kit.database import Database
from kit.work import Record, Work

log = structlog.get_logger(__name__)

SHORTEST, LONGEST = 0.1, 0.5
"""Seconds between two looks at what is due. A job that somebody else has at work looks due for as long."""
PATIENCE = 0.05
"""Seconds after which the next job begins beside one that takes longer: quick ones do not come all at once."""

_REGISTER = "INSERT INTO job_run (name, due_at) SELECT unnest($1::text[]), $2 ON CONFLICT DO NOTHING"
_STATE = "SELECT name, due_at, failing FROM job_run WHERE name = ANY($1)"
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
    """Works off one job when it is due; safe with any number of replicas."""

    def __init__(self, job: Job, database: Database) -> None:
        self.job, self._database = job, database
        self.failing: str | None = None

    async def work_off(self) -> None:
        """Runs the job until nothing is left to do; a failure is kept, and tried again later."""
        try:
            while await self.tick():
                pass
            self.failing = None
        except Exception as error:  # noqa: BLE001 - a failing job is tried again, for ever
            await self._failed(error)

    async def tick(self) -> bool:
        """Runs the job if it is due and nobody else has it. Answers whether to come back at once."""
        current_trace.set(new_trace())
        async with self._database.work(NATIONAL) as work:
            if not await work.fetchval(_CLAIM, self.job.name, work.now):
                return False
            touched = await self.job.run(work) or 0
            again = self.job.again and touched > 0
            due = work.now if again else work.now + self.job.every
            await work.execute(_DONE, self.job.name, due, work.now, touched)
        return again

    async def _failed(self, error: Exception) -> None:
        if self.failing is None or not isinstance(error, (OSError, asyncpg.PostgresConnectionError)):
            log.error("job failed", job=self.job.name, error=type(error).__name__, exc_info=error)
        self.failing = type(error).__name__
        try:
            async with self._database.work(NATIONAL) as work:
                await work.execute(_FAILED, self.job.name, work.now + max(self.job.every, timedelta(seconds=5)))
        except Exception as again:  # noqa: BLE001
            # The database itself is away: the next round tries again.
            log.warning("job state not kept", job=self.job.name, error=type(again).__name__)
            await asyncio.sleep(1)


class Timers:
    """The jobs of a process: one look tells which of them are due, and each then runs beside the others."""

    def __init__(self, jobs: Sequence[Job], database: Database) -> None:
        self.timers = {job.name: Timer(job, database) for job in jobs}
        self._database = database
        self._registered = False
        self._at_work: set[str] = set()
        self.failing: str | None = None

    async def run(self) -> None:
        """Until cancelled, the jobs at work with it."""
        async with asyncio.TaskGroup() as group:
            while True:
                due, pause = await self._look()
                for timer in due:
                    await asyncio.wait([group.create_task(self._work_off(timer))], timeout=PATIENCE)
                await asyncio.sleep(pause)

    async def _look(self) -> tuple[list[Timer], float]:
        """The jobs to begin now, and the seconds until the next one; none while the database is away."""
        try:
            rows, now = await self._read()
        except Exception as error:  # noqa: BLE001 - it may come back
            if self.failing is None:
                log.warning("jobs not read", error=type(error).__name__)
            self.failing = type(error).__name__
            return [], LONGEST
        self.failing = None
        for row in rows:
            if not row["failing"]:  # mended here or by another replica
                self.timers[row["name"]].failing = None
        waiting = [row for row in rows if row["name"] not in self._at_work]
        ahead = [(row["due_at"] - now).total_seconds() for row in waiting]
        due = [self.timers[row["name"]] for row, seconds in zip(waiting, ahead, strict=True) if seconds <= 0]
        return due, max(SHORTEST, min(LONGEST, *(it for it in ahead if it > 0), LONGEST))

    async def _read(self) -> tuple[list[Record], datetime]:
        async with self._database.work(NATIONAL) as work:
            if not self._registered:
                await work.execute(_REGISTER, list(self.timers), work.now)
            rows = await work.fetch(_STATE, list(self.timers))
        self._registered = True
        return rows, work.now

    async def _work_off(self, timer: Timer) -> None:
        self._at_work.add(timer.job.name)
        try:
            await timer.work_off()
        finally:
            self._at_work.discard(timer.job.name)
