"""Real processes of the service, killed (kill -9) at a moment that a test chooses: where its lock holds them."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from pydantic import SecretStr

from indicators.settings import IndicatorsSettings
from kit.testing.harness import until

Process = subprocess.Popen[bytes]
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def environment(settings: IndicatorsSettings) -> dict[str, str]:
    """The settings as a process of its own reads them."""

    def plain(value: Any) -> str:
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)

    found = {f"INDICATORS_{name.upper()}": plain(value) for name, value in settings if value is not None}
    return {**os.environ, **found, "INDICATORS_LOG_LEVEL": "ERROR"}


@asynccontextmanager
async def process(settings: IndicatorsSettings, module: str, *arguments: str) -> AsyncIterator[Process]:
    """`python -m <module>`, gone at the end of the block."""
    command = [sys.executable, "-m", module, *arguments]
    started = subprocess.Popen(command, env=environment(settings), stdout=subprocess.PIPE)  # noqa: ASYNC220
    try:
        yield started
    finally:
        if started.poll() is None:
            started.terminate()
        await asyncio.to_thread(started.wait)


async def killed_while_waiting(admin_url: str, lock: str, begin: Callable[[], Awaitable[Process]]) -> None:
    """Takes `lock`, has `begin` start the process, and kills it when it waits for the lock."""
    holding = await asyncpg.connect(admin_url)
    try:
        async with holding.transaction():
            await holding.execute(lock)
            started = await begin()
            await somebody_waits(admin_url)
            started.send_signal(signal.SIGKILL)
            await asyncio.to_thread(started.wait)
    finally:
        await holding.close()


async def somebody_waits(admin_url: str) -> None:
    """Until a transaction of the database waits for a lock. Asked outside of any: within one it is a snapshot."""
    watching = await asyncpg.connect(admin_url)

    async def waits() -> bool:
        return bool(await watching.fetchval(_WAITING))

    try:
        await until(waits, 120)
    finally:
        await watching.close()
