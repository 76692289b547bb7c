"""`python -m bench.imports [lines] [folder] [keep|once]`: a generated extract is imported, again, and with two kills.

Prints lines per second (of the whole and of the first and last tenth of each phase), the worker's largest memory, what
the second import changed, and whether an import killed half-way (kill -9, twice) gives the same tables. PostgreSQL and
NATS run in the folder (.run/imports), PostgreSQL without waiting for the disk. With `once` nobody is killed; neither
with `keep`, and the database stays in the folder for `python -m bench.directory_search <folder>`.
"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from pydantic import SecretStr

from bench import rpps_extract
from directory.main import build
from directory.settings import MIGRATIONS, DirectorySettings
from kit.embedded.postgres import EmbeddedPostgres
from kit.embedded.process import running
from kit.testing.harness import Issuer, client, fresh_settings
from kit.testing.servers import Servers, embedded_servers, free_port
from local_stack.checkout import DEPLOY, ROOT

LINES = 200_000
KEPT = "kept.json"
"""In the folder: the name of the database that stays, by number of lines."""
_DIGEST = """
SELECT (SELECT sum(hashtextextended(rpps || digest::text || version || listed || search_name, 0)) FROM professional),
       (SELECT sum(hashtextextended(rpps || position || coalesce(commune, city, '') || coalesce(phone, ''), 0))
          FROM activity),
       (SELECT sum(hashtextextended(place || facet || search_name || rpps, 0)) FROM search_entry),
       (SELECT sum(hashtextextended((to_jsonb(t) - '{updated_at,import_id}'::text[])::text, 0)) FROM structure t),
       (SELECT count(*) FROM outbox)
"""
"""Of the content, whatever the instant; the events told are counted."""


@dataclass
class Watched:
    """How an import went: (seconds, lines) by phase, the worker's largest memory in kB and its processor time."""

    peak: int = 0
    processor: float = 0.0
    seen: dict[str, list[tuple[float, int]]] = field(default_factory=dict)

    def note(self, run: dict[str, Any], pid: int) -> None:
        phase, counts = run["progress"]["phase"], run["counts"]
        lines = counts["lines_read"] if phase == "reading" else counts["lines_merged"]
        if phase in ("reading", "persons"):
            self.seen.setdefault(phase, []).append((time.monotonic(), lines))
        self.peak, self.processor = max(self.peak, _peak_kb(pid)), _processor_seconds(pid)

    def tenths(self) -> str:
        """Lines per second in the first and the last tenth of a phase: what grows shows."""
        told = []
        for phase, points in self.seen.items():
            most = points[-1][1]
            first = [it for it in points if it[1] <= most / 10] or points[:2]
            last = [it for it in points if it[1] >= most * 0.9]
            speeds = (f"{_speed(part):,.0f}" for part in (first, last))
            told.append(f"{phase} {' -> '.join(speeds)}")
        return ", ".join(told)


def _speed(points: list[tuple[float, int]]) -> float:
    (begin, before), (end, after) = points[0], points[-1]
    return (after - before) / (end - begin) if end > begin else 0.0


@dataclass
class Place:
    """A directory with its database, and the file to import."""

    settings: DirectorySettings
    http: httpx.AsyncClient
    admin_url: str
    file: Path

    async def run(self, key: str, kills: int = 0) -> dict[str, Any]:
        """One import to its end; the worker is killed so many times on the way."""
        begin = time.monotonic()
        with self.file.open("rb") as file:
            answer = await self.http.post(
                "/v1/imports/rpps",
                files={"file": (self.file.name, file)},
                data={"scope": "whole"},
                headers={"Idempotency-Key": key},
            )
        run: dict[str, Any] = answer.raise_for_status().json()
        uploaded, watched = time.monotonic() - begin, Watched()
        stops = [100 * (number + 1) // (kills + 1) for number in range(kills)]
        while True:
            process = subprocess.Popen([sys.executable, "-m", "directory.worker"], env=_environment(self.settings))  # noqa: ASYNC220
            run = await self._follow(run["id"], process.pid, stops[0] if stops else None, watched)
            process.send_signal(signal.SIGKILL if stops else signal.SIGTERM)
            await asyncio.to_thread(process.wait)
            if not stops:
                return run | {"upload": uploaded, "seconds": _seconds(run), "watched": watched}
            stops.pop(0)

    async def _follow(self, import_id: str, pid: int, until: int | None, watched: Watched) -> dict[str, Any]:
        """The run when it has ended, or has come so far (percent)."""
        while True:
            run: dict[str, Any] = (await self.http.get(f"/v1/imports/{import_id}")).json()
            watched.note(run, pid)
            if run["state"] in {"completed", "failed"} or (until and run["progress"]["percent"] >= until):
                return run
            await asyncio.sleep(0.2)

    async def digest(self) -> tuple[Any, ...]:
        connection = await asyncpg.connect(self.admin_url)
        try:
            return tuple(await connection.fetchrow(_DIGEST))
        finally:
            await connection.close()

    @property
    def database(self) -> str:
        return self.admin_url.partition("?")[0].rpartition("/")[2]


def _peak_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _environment(settings: DirectorySettings) -> dict[str, str]:
    values = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in settings
        if value is not None
    }
    return {
        **os.environ,
        **{f"DIRECTORY_{name.upper()}": value for name, value in values.items()},
        "DIRECTORY_LOG_LEVEL": "ERROR",
    }


def _seconds(run: dict[str, Any]) -> float:
    """From the first batch to the last: the start of the worker is not the import's."""
    begin, end = (datetime.fromisoformat(run[name]) for name in ("started_at", "finished_at"))
    return (end - begin).total_seconds()


@contextmanager
def lasting_servers(folder: Path) -> Iterator[Servers]:
    """Servers whose databases can be opened again: the password of the administrator is always the same.

    All of France is 5 GB: whoever serves it gives PostgreSQL more memory than the 128 MB of the embedded default.
    """
    postgres = EmbeddedPostgres(
        folder / "postgres", free_port(), "bench", DEPLOY / "postgres", durable=False, options=("shared_buffers=2GB",)
    )
    with (
        running(postgres, folder / "postgres.log"),
        embedded_servers(folder, DEPLOY, admin_url=postgres.url(), nats_url=None) as servers,
    ):
        yield servers


@asynccontextmanager
async def place(servers: Servers, issuer: Issuer, folder: Path, file: Path) -> AsyncIterator[Place]:
    """A directory on a fresh database of these servers."""
    settings = await fresh_settings(DirectorySettings, servers, issuer, folder, migrations=MIGRATIONS, deploy=DEPLOY)
    token = issuer.token("directory:import", "directory:read", role="coordinator", expires_in=86_400)
    async with client(build(settings), token) as http:
        http.timeout = httpx.Timeout(600)
        yield Place(settings, http, servers.admin_url(settings.database_url.get_secret_value()), file)


def written(lines: int, folder: Path) -> Path:
    """A generated extract in the folder."""
    file, begin = folder / f"extract-{lines}.txt", time.monotonic()
    with file.open("w", encoding="utf-8") as target:
        rpps_extract.write(lines, target)
    size = file.stat().st_size / 1e6
    print(f"{lines:,} lines, {size:.0f} MB, written in {time.monotonic() - begin:.1f} s", flush=True)
    return file


async def main(lines: int, folder: Path, wanted: str) -> int:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    file, issuer = written(lines, folder), Issuer(folder)
    with lasting_servers(folder) as servers:
        async with place(servers, issuer, folder, file) as one:
            tell("first import", lines, await one.run("1"))
            whole = await one.digest()
            tell("second import", lines, await one.run("2"))
            again = await one.digest()
            print(f"  the second changed nothing: {again[:4] == whole[:4] and again[4] <= whole[4] + 1}", flush=True)
            if wanted == "keep":
                (folder / KEPT).write_text(json.dumps({str(lines): one.database}))
        if wanted in ("once", "keep"):
            return 0 if again[:4] == whole[:4] else 1
        async with place(servers, issuer, folder, file) as other:
            tell("killed twice", lines, await other.run("1", kills=2))
            resumed = await other.digest()
            print(f"  the same tables: {resumed[:4] == whole[:4]}", flush=True)
    return 0 if again[:4] == whole[:4] == resumed[:4] else 1


def tell(what: str, lines: int, run: dict[str, Any]) -> None:
    """What an import took."""
    counts = {name: value for name, value in run["counts"].items() if value}
    watched: Watched = run["watched"]
    print(f"{what}: {run['state']}, {run['seconds']:.1f} s after {run['upload']:.1f} s of upload, ", end="")
    print(f"{lines / run['seconds']:,.0f} lines/s ({watched.tenths()}), ", end="")
    print(f"at most {watched.peak / 1024:.0f} MB, worker's processor {watched.processor:.1f} s; {counts}", flush=True)


if __name__ == "__main__":
    arguments = sys.argv[1:] + [""] * 3
    target_folder = Path(arguments[1]) if arguments[1] else ROOT / ".run" / "imports"
    sys.exit(asyncio.run(main(int(arguments[0] or LINES), target_folder.absolute(), arguments[2])))
