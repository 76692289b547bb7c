"""`python -m bench indicators_ingest [count]`: how many facts a second the indicators keep, and where the time goes.

Generated activity of 1,000 territories (bench/activity.py) is published on the streams by another process; then two
workers of the service, one a core, start and work it off. PostgreSQL waits for the disk, NATS and the workers share the
machine. Facts per second are those between the first and the last acknowledgement, each after its commit; then the
facts are counted, and how long one more event takes to be seen.
"""

import asyncio
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import orjson
from pydantic import SecretStr

from bench.activity import LARGE, TERRITORIES, Activity
from contracts.registry import STREAMS
from indicators.consumers import SUBSCRIPTIONS
from indicators.settings import MIGRATIONS, IndicatorsSettings
from kit.bus import Bus
from kit.consumer import Subscription, backlog
from kit.embedded.postgres import EmbeddedPostgres
from kit.embedded.process import running
from kit.testing.harness import Issuer, fresh_settings
from kit.testing.servers import Servers, embedded_servers, free_port
from local_stack.checkout import DEPLOY, ROOT

COUNT = 200_000
WORKERS = 2
_KEPT = "SELECT true FROM fact WHERE event_id = $1 AND occurred_at = $2"
_TOLD = "SELECT count(*) FROM fact WHERE kind <> 'export.delivered'"
"""Not what the workers tell themselves, whose jobs run beside."""
_SEEN = 50
"""Events, one after the other, that are waited for."""


async def indicators_ingest(arguments: list[str]) -> dict[str, float]:
    """Two workers take up what 1,000 territories told: facts a second between the first commit and the last."""
    count = int(arguments[0]) if arguments else COUNT
    folder = ROOT / ".run" / "ingest"
    async with place(folder) as (servers, settings):
        took = await _published(servers, count)
        print(f"{count:,} events of {TERRITORIES:,} territories published in {took:.1f} s", flush=True)
        return await _consumed(servers, settings, folder, count)


@asynccontextmanager
async def place(folder: Path) -> AsyncIterator[tuple[Servers, IndicatorsSettings]]:
    """Servers with an empty, migrated database of the indicators, and the streams."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with _servers(folder) as servers:
        settings = await fresh_settings(
            IndicatorsSettings,
            servers,
            Issuer(folder),
            folder,
            migrations=MIGRATIONS,
            deploy=DEPLOY,
            catalogue_file=DEPLOY / "indicators" / "catalogue.yaml",
        )
        for owner in STREAMS:
            bus = await Bus.connect(servers.nats_url(owner), owner, "bench")
            await bus.ensure_streams()
            await bus.close()
        yield servers, settings


@contextmanager
def _servers(folder: Path) -> Iterator[Servers]:
    postgres = EmbeddedPostgres(folder / "postgres", free_port(), "bench", DEPLOY / "postgres")
    with (
        running(postgres, folder / "postgres.log"),
        embedded_servers(folder, DEPLOY, admin_url=postgres.url(), nats_url=None) as servers,
    ):
        yield servers


async def _published(servers: Servers, count: int) -> float:
    """By a process of its own; answers its seconds."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.activity", servers.nats_url(), str(count)), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    if process.returncode:
        raise SystemExit("the generator failed")
    return float(output)


async def _consumed(servers: Servers, settings: IndicatorsSettings, folder: Path, count: int) -> dict[str, float]:
    """Starts the workers on what the streams hold and follows them to the end."""
    connection = await asyncpg.connect(servers.admin_url(settings.database_url.get_secret_value()))
    bus = await Bus.connect(servers.nats_url(), settings.service, "bench")
    with _workers(settings) as pids:
        before = _spent(pids, folder)
        points = await _follow(bus, count)
        spent = {name: seconds - before[name] for name, seconds in _spent(pids, folder).items()}
        memory = max(map(_peak_mb, pids))
        _tell(points, spent)
        if (kept := await connection.fetchval(_TOLD)) != count:
            raise SystemExit(f"{kept:,} facts of {count:,} events")
        seen = await _seen(bus, connection, count)
    await bus.close()
    await connection.close()
    return {"facts/s": _rate(points), "indicators-worker MB": memory, **seen}


@contextmanager
def _workers(settings: IndicatorsSettings) -> Iterator[list[int]]:
    """Their process ids."""
    command = [sys.executable, "-m", "indicators.worker"]
    started = [subprocess.Popen(command, env=environment(settings)) for _ in range(WORKERS)]
    try:
        yield [it.pid for it in started]
    finally:
        for it in started:
            it.send_signal(signal.SIGTERM)
        for it in started:
            it.wait()


async def _follow(bus: Bus, count: int) -> list[tuple[float, int]]:
    """(second, facts) from the first acknowledgement to the last."""
    points: list[tuple[float, int]] = []
    kept = 0
    async with asyncio.timeout(count / 200 + 60):
        while kept < count:
            await asyncio.sleep(0.5)
            kept = count - sum([await _waiting(bus, it) for it in SUBSCRIPTIONS])
            if kept:
                points.append((time.monotonic(), kept))
    return points


async def _waiting(bus: Bus, subscription: Subscription) -> int:
    known = await backlog(bus, subscription)
    return (await bus.jetstream.stream_info(subscription.stream)).state.messages if known is None else known


def _rate(points: list[tuple[float, int]]) -> float:
    (begin, before), (end, after) = points[0], points[-1]
    return (after - before) / (end - begin) if end > begin else 0.0


def _tell(points: list[tuple[float, int]], spent: dict[str, float]) -> None:
    kept = points[-1][1]
    thirds = [points[len(points) * part // 3 : len(points) * (part + 1) // 3 + 1] for part in range(3)]
    print(f"  by thirds: {', '.join(f'{_rate(part):,.0f}' for part in thirds if len(part) > 1)} facts/s")
    each = ", ".join(f"{name} {1e6 * seconds / kept:.0f}" for name, seconds in spent.items())
    print(f"  microseconds of processor a fact: {each}", flush=True)


async def _seen(bus: Bus, connection: asyncpg.Connection, count: int) -> dict[str, float]:
    """How long one more event takes until its fact is there."""
    waits = []
    for kind, event in Activity(_SEEN, days=1, seed=count):
        begin = time.monotonic()
        await bus.jetstream.publish(kind.subject(LARGE), orjson.dumps(event | {"territory": LARGE}))
        while not await connection.fetchval(_KEPT, event["id"], datetime.fromisoformat(event["time"])):  # noqa: ASYNC110
            await asyncio.sleep(0.002)
        waits.append(1000 * (time.monotonic() - begin))
    return {"fact seen p50 ms": statistics.median(waits), "fact seen at most ms": max(waits)}


def environment(settings: IndicatorsSettings) -> dict[str, str]:
    """The environment of a process of the service."""

    def plain(value: Any) -> str:
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)

    found = {f"INDICATORS_{name.upper()}": plain(value) for name, value in settings if value is not None}
    return {**os.environ, **found, "INDICATORS_LOG_LEVEL": "ERROR"}


def _spent(workers: Sequence[int], folder: Path) -> dict[str, float]:
    """Seconds of processor since their start: of the workers, of PostgreSQL and of NATS."""
    found = {"workers": 0.0, "PostgreSQL": 0.0, "NATS": 0.0}
    postmaster = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, fields = int(stat.parent.name), stat.read_text().rpartition(")")[2].split()
            command = (stat.parent / "cmdline").read_bytes()
        except OSError:  # it ended meanwhile
            continue
        seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        if pid in workers:
            found["workers"] += seconds
        elif postmaster in (pid, int(fields[1])):
            found["PostgreSQL"] += seconds
        elif str(folder / "nats").encode() in command:
            found["NATS"] += seconds
    return found


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024
