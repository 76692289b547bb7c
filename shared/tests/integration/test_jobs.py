"""Timed work is done by one replica at a time, and its tick commits with its effect."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from toy.service import MIGRATIONS, ToySettings

from kit.clock import FixedClock
from kit.jobs import Job, Timer
from kit.runtime import Runtime, running
from kit.work import Work


@pytest_asyncio.fixture
async def runtime(settings: ToySettings) -> AsyncIterator[Runtime]:
    clock = FixedClock(datetime(2026, 11, 21, tzinfo=UTC))
    async with running(settings, process="test", migrations=MIGRATIONS, clock=clock) as started:
        async with started.system.work("fr") as work:
            await work.execute("INSERT INTO job_run (name, due_at) VALUES ('count', $1)", work.now)
        yield started


async def count(work: Work) -> int:
    await work.execute("INSERT INTO thing VALUES (gen_random_uuid(), 'pays-de-redon', 'ran', 1)")
    return 1


async def runs(runtime: Runtime) -> int:
    async with runtime.system.work("fr") as work:
        return int(await work.fetchval("SELECT count(*) FROM thing"))


async def test_a_tick_runs_once_whatever_the_number_of_replicas(runtime: Runtime) -> None:
    job = Job("count", timedelta(seconds=10), count)
    assert isinstance(runtime.clock, FixedClock)
    for expected in (1, 2, 3):
        await asyncio.gather(*(Timer(job, runtime.system).tick() for _ in range(5)))
        assert await runs(runtime) == expected
        runtime.clock.advance(timedelta(seconds=10))


async def test_a_failed_run_leaves_its_tick_due(runtime: Runtime) -> None:
    async def fail(work: Work) -> int:
        await count(work)
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        await Timer(Job("count", timedelta(hours=1), fail), runtime.system).tick()
    assert await runs(runtime) == 0
    await Timer(Job("count", timedelta(hours=1), count), runtime.system).tick()
    assert await runs(runtime) == 1
