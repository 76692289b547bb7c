"""The background process of a service: consumers, timers, relay, with its own health port."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from uvicorn.loops.auto import auto_loop_factory

from kit import idempotency, logs
from kit.clock import Clock
from kit.consumer import Consumer, Subscription, deployed
from kit.jobs import Job, Timers
from kit.metrics import metrics
from kit.probes import livez, readyz
from kit.produced import produced
from kit.runtime import OnStart, Runtime, running
from kit.server import keep_what_is_loaded
from kit.settings import ServiceSettings
from kit.work import Work

DRAIN_SECONDS = 10.0
NICENESS = 5
"""Where they share a machine, requests go before events and jobs (nice(2))."""


class Worker:
    """`run()` blocks until SIGTERM or SIGINT, then lets the messages in hand finish."""

    def __init__(
        self,
        settings: ServiceSettings,
        *,
        migrations: str,
        subscriptions: Sequence[Subscription] = (),
        jobs: Sequence[Job] = (),
        on_start: OnStart | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._settings, self._migrations = settings, migrations
        self._subscriptions, self._jobs = deployed(subscriptions, settings), (*jobs, _forgetting(settings))
        self._on_start, self._clock = on_start, clock

    def run(self) -> None:
        logs.configure(self._settings.service, "worker", self._settings.log_level)
        os.nice(NICENESS)
        # The loop of the web processes: uvloop where there is one.
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(self._main())

    @asynccontextmanager
    async def started(self) -> AsyncIterator[Runtime]:
        """Consumers and timers for the length of the block (tests use this in their own loop)."""
        async with AsyncExitStack() as stack:
            runtime = await stack.enter_async_context(
                running(
                    self._settings,
                    process="worker",
                    migrations=self._migrations,
                    subscriptions=self._subscriptions,
                    on_start=self._on_start,
                    clock=self._clock,
                )
            )
            await stack.enter_async_context(self._consuming(runtime))
            await stack.enter_async_context(self._ticking(runtime))
            yield runtime

    async def _main(self) -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with self.started() as runtime, self._health(runtime):
            keep_what_is_loaded()
            await stop.wait()

    @asynccontextmanager
    async def _consuming(self, runtime: Runtime) -> AsyncIterator[None]:
        consumers = [
            Consumer(item, runtime.bus, runtime.db, runtime.system, self._settings) for item in self._subscriptions
        ]
        for item, consumer in zip(self._subscriptions, consumers, strict=True):
            runtime.health.checks[f"consumer of {item.owner}"] = lambda it=consumer: it.failing  # type: ignore[misc]
        tasks = [asyncio.create_task(consumer.run()) for consumer in consumers]
        try:
            yield
        finally:
            for consumer in consumers:
                consumer.stop()
            if tasks:
                await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
            await _cancel(tasks)

    @asynccontextmanager
    async def _ticking(self, runtime: Runtime) -> AsyncIterator[None]:
        timers = Timers(self._jobs, runtime.system)
        runtime.health.checks["jobs"] = lambda: timers.failing
        for name, timer in timers.timers.items():
            runtime.health.checks[f"job {name}"] = lambda it=timer: it.failing  # type: ignore[misc]
        task = asyncio.create_task(timers.run())
        try:
            yield
        finally:
            await _cancel([task])

    @asynccontextmanager
    async def _health(self, runtime: Runtime) -> AsyncIterator[None]:
        routes = [
            Route("/livez", livez),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
            Route("/produced", produced),
        ]
        app = Starlette(routes=routes)
        app.state.runtime = runtime
        config = uvicorn.Config(
            app, host=self._settings.host, port=self._settings.worker_port, access_log=False, log_config=None
        )
        server = uvicorn.Server(config)
        # `serve()` would take the signals that this process handles itself.
        task = asyncio.create_task(server._serve())  # noqa: SLF001
        try:
            yield
        finally:
            server.should_exit = True
            await asyncio.wait([task], timeout=5)


def _forgetting(settings: ServiceSettings) -> Job:
    async def forget_keys(work: Work) -> int:
        return await idempotency.purge(work, settings.idempotency_hours)

    return Job("forget-idempotency-keys", timedelta(minutes=10), forget_keys)


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
