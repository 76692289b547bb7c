"""Kill -9 of the real processes in the middle of their work: what they were about is done once all the same."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio
from export_stage import QUARTERLY, replicas, write_rules
from processes import Process, killed_while_waiting, process, somebody_waits
from producing import Producer, in_disorder, stories
from telling import TERRITORY, Stage, Teller, Town

from indicators.consumers.on_event import fact_of
from indicators.rebuild import rebuild
from indicators.reconcile import reconcile
from indicators.settings import IndicatorsSettings
from indicators.store import facts
from indicators.usecases.request_rebuild import request_rebuild
from kit.clock import FixedClock
from kit.runtime import Runtime
from kit.testing.harness import until
from kit.testing.servers import Servers

WORKER = "indicators.worker"
DUE = datetime(2026, 10, 10, 5, tzinfo=UTC)
Sql = Callable[[str], Awaitable[list[Any]]]


@pytest.fixture
def admin_url(servers: Servers, settings: IndicatorsSettings) -> str:
    return servers.admin_url(settings.database_url.get_secret_value())


@pytest_asyncio.fixture
async def behind(admin_url: str) -> AsyncIterator[Sql]:
    """A superuser's hand in the service's tables."""
    connection = await asyncpg.connect(admin_url)
    yield connection.fetch
    await connection.close()


async def figures(stage: Stage, *territories: str) -> dict[Any, Any]:
    """Every figure that is counted, in every period that the stories touch, to the last digit."""
    return {
        (territory, period, it.indicator.id): (it.value, it.tally)
        for territory in territories
        for period in ("2026-Q4", "2026")
        for it in await stage.figures(period, territory)
    }


@pytest.mark.parametrize(
    ("lock", "state", "files"),
    [
        pytest.param("LOCK TABLE slot_fact IN ACCESS EXCLUSIVE MODE", "building", 0, id="it-reads-the-figures"),
        pytest.param("LOCK TABLE export_delivery IN SHARE MODE", "delivering", 0, id="its-files-are-made"),
        pytest.param("LOCK TABLE outbox IN SHARE MODE", "delivering", 3, id="its-files-have-arrived"),
    ],
)
async def test_an_export_arrives_once_whenever_its_worker_is_killed(
    *, settings: IndicatorsSettings, tmp_path: Path, admin_url: str, behind: Sql, lock: str, state: str, files: int
) -> None:
    folder = tmp_path / "territories"
    write_rules(folder, QUARTERLY)
    settings = settings.model_copy(update={"territories_dir": folder})
    async with replicas(settings, FixedClock(DUE)) as (one,):
        assert await one.plan() == 1
    write_rules(folder)  # by the clock of the machine, more would be due
    async with AsyncExitStack() as stack:

        async def begin() -> Process:
            return await stack.enter_async_context(process(settings, WORKER))

        await killed_while_waiting(admin_url, lock, begin)
        (run,) = await behind("SELECT * FROM export_run")
        assert run["state"] == state
        made = await behind("SELECT name, sha256 FROM export_file ORDER BY name")
        before = {it: it.stat().st_mtime_ns for it in (settings.exports_dir / "cpam").glob("*/*")}
        assert len(before) == files
        await behind("UPDATE export_run SET next_at = now()")  # ten minutes later
        await begin()

        async def delivered() -> bool:
            return [it["state"] for it in await behind("SELECT state FROM export_run")] == ["delivered"]

        await until(delivered, 120)
    kept = await behind("SELECT name, sha256 FROM export_file ORDER BY name")
    assert len(kept) == 2
    assert made in ([], kept), "files that were made are not made again"
    (sent,) = (settings.exports_dir / "cpam").glob("*")
    for name, digest in kept:
        assert hashlib.sha256((sent / name).read_bytes()).hexdigest() == digest
    assert json.loads((sent / "manifest.json").read_bytes())["delivery"] == str(run["id"])
    after = {it: it.stat().st_mtime_ns for it in sent.glob("*")}
    assert files == 0 or after == before, "nothing is written a second time"
    assert len(await behind("SELECT FROM outbox WHERE type LIKE '%export.delivered%'")) == 1
    outcomes = [it["outcome"] for it in await behind("SELECT outcome FROM export_delivery ORDER BY attempt")]
    assert outcomes == (["cut_off", "delivered"] if files else ["delivered"])


async def test_a_rebuild_that_is_killed_while_it_writes_is_done_by_the_next_worker(
    *, settings: IndicatorsSettings, stage: Stage, tell: Teller, admin_url: str, behind: Sql
) -> None:
    """Bookings are derived again when the worker dies, slots and calls are not."""
    told = in_disorder(stories(tell, 60))
    await stage.handle(*told, *told[::5])
    where = [TERRITORY, "t-1", "t-2"]
    await stage.handle(
        *(event.model_copy(update={"id": uuid4(), "territory": TERRITORY}) for event in stories(tell, 12))
    )
    right = await figures(stage, *where)
    assert right[TERRITORY, "2026-Q4", "I-08"][0] > 0
    await behind("UPDATE booking_fact SET state = 'cancelled'")
    await behind("UPDATE slot_fact SET booked = NOT booked")
    await behind("DELETE FROM call_fact")
    wrong = await figures(stage, *where)
    for territory in where:
        async with stage.db.work(territory) as work:
            await request_rebuild(work, "tester")
    async with AsyncExitStack() as stack:

        async def begin() -> Process:
            return await stack.enter_async_context(process(settings, WORKER))

        await killed_while_waiting(admin_url, "LOCK TABLE call_fact IN SHARE MODE", begin)
        assert await figures(stage, *where) == wrong, "half a rebuild is none"
        assert {it["finished_at"] for it in await behind("SELECT finished_at FROM rebuild")} == {None}
        await begin()

        async def done() -> bool:
            return not await behind("SELECT FROM rebuild WHERE finished_at IS NULL")

        await until(done, 120)
    assert all(it["changed"] > 0 for it in await behind("SELECT changed FROM rebuild"))
    assert await figures(stage, *where) == right
    assert len(await behind("SELECT FROM outbox WHERE type LIKE '%rebuild.completed%'")) == 3


async def test_a_repair_that_is_killed_between_two_batches_is_finished_by_the_next(
    *,
    settings: IndicatorsSettings,
    producer: Producer,
    stage: Stage,
    town: Town,
    tell: Teller,
    working: Runtime,
    admin_url: str,
    behind: Sql,
) -> None:
    """Facts are gone; the command has kept five hundred again when it dies. Its exit status says how it went."""
    events = in_disorder(stories(tell, 160))
    late = next(it for it in events[-400:] if it.type.endswith("slot.published.v1"))
    await producer.tell(*events)
    await town.publish(*events[:50], again=True)

    async def kept() -> int:
        return int((await behind("SELECT count(*) FROM fact"))[0][0])

    async def all_kept() -> bool:
        return await kept() == len(events)

    await until(all_kept, 120)
    where = [f"t-{number}" for number in range(4)]
    right = await figures(stage, *where)
    await behind("DELETE FROM fact WHERE kind LIKE 'booking.%' OR kind = 'slot.published'")
    asked = settings.model_copy(update={"producers": f"snp-dispatch={producer.url}"})

    async def run(*arguments: str) -> tuple[int, str]:
        async with process(asked, "indicators.reconcile", *arguments) as command:
            output, _ = await asyncio.to_thread(command.communicate)
        return command.returncode, output.decode().strip().splitlines()[-1]

    assert await run() == (1, "NOT complete")
    lost = await kept()
    work = stage.system.open("fr")
    await facts.add(work, [fact_of(late)], arrived_at=work.now)  # whoever keeps it too waits for the end of this
    async with process(asked, "indicators.reconcile", "--repair") as command:
        await somebody_waits(admin_url)
        command.kill()
        await asyncio.to_thread(command.wait)
    await work.rollback()
    assert lost < await kept() < len(events)
    assert await run() == (1, "NOT complete")
    assert await run("--repair") == (0, "complete")
    assert await run() == (0, "complete")
    assert await kept() == len(events)
    assert await figures(stage, *where) == right
    comparison, _ = await rebuild(settings, wait=60)
    assert (comparison.identical, comparison.facts) == (True, len(events))
    assert (await reconcile(asked, since=date(1970, 1, 1), wait=10, repair=False)).differences == []
