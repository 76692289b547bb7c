"""`python -m bench.imports [lines] [folder]`: a generated extract is imported, again, and through two kills.

Prints lines per second, the worker's largest memory, what the second import changed and how fast it was, and whether
an import killed half-way (kill -9, twice) gives the same tables. PostgreSQL and NATS are started in the folder
(.run/imports), PostgreSQL without waiting for the disk. With `keep`, as a third argument, the first database is dumped
to `<folder>/france.dump`. With `once`, only the first and the second import run.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from pydantic import SecretStr

from bench import rpps_extract
from directory.main import MIGRATIONS, build
from directory.settings import DirectorySettings
from kit.testing.harness import Issuer, client, fresh_settings
from kit.testing.servers import Servers, embedded_servers
from local_stack.checkout import DEPLOY, ROOT

LINES = 200_000
_DIGEST = """
SELECT (SELECT sum(hashtextextended((to_jsonb(p) - '{updated_at,first_seen_at,import_id}'::text[])::text, 0))
          FROM professional p),
       (SELECT sum(hashtextextended(a::text, 0)) FROM activity a),
       (SELECT sum(hashtextextended(s::text, 0)) FROM search_entry s),
       (SELECT sum(hashtextextended((to_jsonb(t) - '{updated_at,import_id}'::text[])::text, 0)) FROM structure t),
       (SELECT count(*) FROM outbox)
"""
"""Of the content, whatever the instant; the events told are counted."""


@dataclass
class Place:
    """A directory with its database, and the file to import."""

    settings: DirectorySettings
    http: httpx.AsyncClient
    admin_url: str
    file: Path

    async def run(self, key: str, kills: int = 0) -> dict[str, Any]:
        """One import to its end; the worker is killed so many times on the way."""
        with self.file.open("rb") as file:
            answer = await self.http.post(
                "/v1/imports/rpps",
                files={"file": (self.file.name, file)},
                data={"scope": "whole"},
                headers={"Idempotency-Key": key},
            )
        run: dict[str, Any] = answer.raise_for_status().json()
        started, peak = time.monotonic(), 0
        stops = [100 * (number + 1) // (kills + 1) for number in range(kills)]
        while True:
            process = subprocess.Popen([sys.executable, "-m", "directory.worker"], env=_environment(self.settings))  # noqa: ASYNC220
            run, memory = await self._follow(run["id"], process.pid, stops[0] if stops else None)
            peak = max(peak, memory)
            process.send_signal(signal.SIGKILL if stops else signal.SIGTERM)
            await asyncio.to_thread(process.wait)
            if not stops:
                return run | {"seconds": time.monotonic() - started, "peak_mb": peak / 1024}
            stops.pop(0)

    async def _follow(self, import_id: str, pid: int, until: int | None) -> tuple[dict[str, Any], int]:
        """The run when it has ended, or has come so far (percent), and the worker's largest memory in kB."""
        while True:
            run: dict[str, Any] = (await self.http.get(f"/v1/imports/{import_id}")).json()
            peak = _peak_kb(pid)
            if run["state"] in {"completed", "failed"} or (until and run["progress"]["percent"] >= until):
                return run, peak
            await asyncio.sleep(0.2)

    async def digest(self) -> tuple[Any, ...]:
        connection = await asyncpg.connect(self.admin_url)
        try:
            return tuple(await connection.fetchrow(_DIGEST))
        finally:
            await connection.close()


def _peak_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def _environment(settings: DirectorySettings) -> dict[str, str]:
    values = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in settings
        if value is not None
    }
    return {
        **os.environ,
        **{f"DIRECTORY_{name.upper()}": value for name, value in values.items()},
        "LOG_LEVEL": "ERROR",
    }


@asynccontextmanager
async def place(servers: Servers, issuer: Issuer, folder: Path, file: Path) -> AsyncIterator[Place]:
    settings = await fresh_settings(DirectorySettings, servers, issuer, folder, migrations=MIGRATIONS, deploy=DEPLOY)
    token = issuer.token("directory:import", role="coordinator", expires_in=86_400)
    async with client(build(settings), token) as http:
        http.timeout = httpx.Timeout(600)
        yield Place(settings, http, servers.admin_url(settings.database_url.get_secret_value()), file)


async def main(lines: int, folder: Path, wanted: str) -> int:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    file = folder / "extract.txt"
    with file.open("w", encoding="utf-8") as target:
        rpps_extract.write(lines, target)
    print(f"{lines:,} lines, {file.stat().st_size / 1e6:.0f} MB", flush=True)
    issuer = Issuer(folder)
    with embedded_servers(folder, DEPLOY, admin_url=None, nats_url=None) as servers:
        async with place(servers, issuer, folder, file) as one:
            _tell("first import", lines, await one.run("1"))
            whole = await one.digest()
            if wanted == "keep":
                dump = ["pg_dump", "-Fc", "-f", str(folder / "france.dump"), one.admin_url]
                subprocess.run(dump, check=True)  # noqa: ASYNC221
            _tell("second import", lines, await one.run("2"))
            again = await one.digest()
            print(f"  the second changed nothing: {again[:4] == whole[:4] and again[4] <= whole[4] + 1}", flush=True)
        if wanted == "once":
            return 0 if again[:4] == whole[:4] else 1
        async with place(servers, issuer, folder, file) as other:
            _tell("killed twice", lines, await other.run("1", kills=2))
            resumed = await other.digest()
            print(f"  the same tables: {resumed[:4] == whole[:4]}", flush=True)
    return 0 if again[:4] == whole[:4] == resumed[:4] else 1


def _tell(what: str, lines: int, run: dict[str, Any]) -> None:
    counts = {name: value for name, value in run["counts"].items() if value}
    print(f"{what}: {run['state']}, {run['seconds']:.1f} s, {lines / run['seconds']:,.0f} lines/s, ", end="")
    print(f"at most {run['peak_mb']:.0f} MB; {counts}", flush=True)


if __name__ == "__main__":
    arguments = sys.argv[1:] + [""] * 3
    target_folder = Path(arguments[1]) if arguments[1] else ROOT / ".run" / "imports"
    sys.exit(asyncio.run(main(int(arguments[0] or LINES), target_folder, arguments[2])))
