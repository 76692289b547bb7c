"""Timed work is done by one replica at a time, and its tick commits with its effect."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from toy.service import MIGRATIONS, ToySettings

from kit.clock import FixedClock
from kit.jobs import Job, Timer, Timers
from kit.runtime import Runtime, running
from kit.testing.harness import until
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


async def test_a_long_job_does_not_keep_the_others_waiting(runtime: Runtime) -> None:
    ends = asyncio.Event()

    async def last(_: Work) -> int:
        await ends.wait()
        return 0

    jobs = (Job("last", timedelta(hours=1), last), Job("count", timedelta(hours=1), count))
    async with ticking(Timers(jobs, runtime.system)):
        await until(lambda: ran(runtime, 1))
        ends.set()
        await until(lambda: done(runtime, "last"))


async def test_work_is_done_to_its_end_then_when_it_is_due_again(runtime: Runtime) -> None:
    left = 3

    async def batch(work: Work) -> int:
        nonlocal left
        left = max(0, left - 1)
        await count(work)
        return left

    async with ticking(Timers([Job("count", timedelta(hours=1), batch, again=True)], runtime.system)):
        await until(lambda: ran(runtime, 3))
        assert isinstance(runtime.clock, FixedClock)
        runtime.clock.advance(timedelta(hours=1))
        await until(lambda: ran(runtime, 4))


async def test_a_failing_job_says_so_until_it_or_another_replica_mended_it(runtime: Runtime) -> None:
    async def fail(_: Work) -> int:
        raise RuntimeError("no")

    timers = Timers([Job("count", timedelta(hours=1), fail)], runtime.system)
    async with ticking(timers):
        await until(lambda: says(timers, "RuntimeError"))
        await until(lambda: mended(runtime))
        await until(lambda: says(timers, None))


@asynccontextmanager
async def ticking(timers: Timers) -> AsyncIterator[None]:
    task = asyncio.create_task(timers.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def ran(runtime: Runtime, times: int) -> bool:
    return await runs(runtime) == times


async def done(runtime: Runtime, name: str) -> bool:
    async with runtime.system.work("fr") as work:
        return bool(await work.fetchval("SELECT last_started_at FROM job_run WHERE name = $1", name))


async def says(timers: Timers, failing: str | None) -> bool:
    return timers.timers["count"].failing == failing


async def mended(runtime: Runtime) -> bool:
    """By a replica that can, once it finds the job due and nobody at it."""
    assert isinstance(runtime.clock, FixedClock)
    runtime.clock.advance(timedelta(hours=1))
    await Timer(Job("count", timedelta(hours=1), count), runtime.system).tick()
    return await runs(runtime) == 1
