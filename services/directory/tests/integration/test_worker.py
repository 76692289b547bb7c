"""The worker as a process of its own, killed while it works."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from contracts.envelope import NATIONAL
from directory.domain.identifiers import luhn_holds
from directory.settings import DirectorySettings
from directory.worker import build
from kit.testing.harness import until

PERSONS, BATCH = 3000, 100


def numbers() -> Iterator[str]:
    """RPPS numbers of nobody, with their key."""
    for body in range(9_900_000_000, 9_900_000_000 + PERSONS):
        yield next(f"{body}{key}" for key in range(10) if luhn_holds(f"{body}{key}"))


def extract(sample: Path) -> bytes:
    """Every person has two lines, the second one far from the first."""
    header, row, *_ = sample.read_text(encoding="utf-8").splitlines()
    cells = row.split("|")
    lines = [header]
    for structure in ("R1", "R2"):
        cells[header.split("|").index("Identifiant technique de la structure")] = structure
        lines += ["|".join([cells[0], number, f"8{number}", *cells[3:]]) for number in numbers()]
    return "\n".join(lines).encode()


def environment(settings: DirectorySettings) -> dict[str, str]:
    values = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in settings
        if value is not None
    }
    return {**os.environ, **{f"DIRECTORY_{name.upper()}": value for name, value in values.items()}}


@contextmanager
def worker(settings: DirectorySettings) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-m", "directory.worker"], env=environment(settings))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_a_worker_killed_twice_loses_and_repeats_nothing(
    settings: Any, issuer: Any, start: Any, sample: Path
) -> None:
    settings.import_batch = BATCH
    async with start(settings, issuer) as directory:
        run = (await directory.upload(extract(sample))).json()

        async def progress() -> dict[str, Any]:
            answer: dict[str, Any] = await directory.get(f"/v1/imports/{run['id']}")
            return answer

        for phase in ("reading", "persons"):
            with worker(settings) as process:

                async def under_way(phase: str = phase) -> bool:
                    seen = await progress()
                    counts = seen["counts"]
                    moved = counts["lines_read"] if phase == "reading" else counts["lines_merged"]
                    return seen["progress"]["phase"] == phase and moved > 0

                await until(under_way, 60)
                process.send_signal(signal.SIGKILL)
                process.wait()
            assert (await progress())["state"] == "running"
        with worker(settings):

            async def over() -> bool:
                return (await progress())["state"] == "completed"

            await until(over, 60)
        await _all_counted_once(directory, await progress())


async def _all_counted_once(directory: Any, run: dict[str, Any]) -> None:
    counts = run["counts"]
    assert (counts["lines_read"], counts["lines_merged"], counts["persons_added"]) == (
        2 * PERSONS,
        2 * PERSONS,
        PERSONS,
    )
    assert counts["persons_changed"] == counts["persons_unchanged"] == counts["lines_rejected"] == 0
    told = [event["subject"] for event in await directory.outbox() if "professional" in event["type"]]
    assert len(told) == len(set(told)) == PERSONS
    async with directory.runtime.system.work(NATIONAL) as work:
        assert await work.fetchval("SELECT count(*) FROM activity") == 2 * PERSONS


async def test_the_worker_imports_by_itself(settings: Any, issuer: Any, start: Any, sample: Path) -> None:
    async with start(settings, issuer) as directory, build(settings).started():
        run = (await directory.upload(sample.read_bytes())).json()

        async def over() -> bool:
            seen = await directory.get(f"/v1/imports/{run['id']}")
            return bool(seen["state"] == "completed")

        await until(over)
        assert len((await directory.get("/v1/professionals", limit=200))["items"]) == 200
