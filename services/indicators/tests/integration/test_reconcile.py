"""What producers say they published is what is kept: after crashes, and again after facts were lost."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from processes import environment
from producing import Producer, in_disorder, stories
from telling import NOW, Stage, Teller, Town

from indicators.rebuild import rebuild
from indicators.reconcile import Result, producers_of, reconcile, report
from indicators.settings import IndicatorsSettings
from kit.runtime import Runtime
from kit.testing.harness import until
from kit.testing.servers import Servers

Reconcile = Callable[..., Awaitable[Result]]


@pytest.fixture
def run(settings: IndicatorsSettings, producer: Producer) -> Reconcile:
    """`python -m indicators.reconcile`, with the service's own rights on database and bus."""
    asked = settings.model_copy(update={"producers": f"snp-dispatch={producer.url}"})

    async def reconciled(**how: Any) -> Result:
        return await reconcile(asked, **{"since": date(1970, 1, 1), "wait": 10, "repair": False, **how})

    return reconciled


@pytest.fixture
def as_owner(servers: Servers, settings: IndicatorsSettings) -> Callable[[str], Awaitable[Any]]:
    """The hand of the tables' owner, whom nothing stops."""

    async def execute(statement: str) -> Any:
        connection = await asyncpg.connect(
            servers.admin_url(settings.database_url.get_secret_value()), server_settings={"role": "indicators_owner"}
        )
        try:
            return await connection.fetch(statement)
        finally:
            await connection.close()

    return execute


async def kept(stage: Stage) -> int:
    async with stage.system.work("fr") as work:
        return int(await work.fetchval("SELECT count(*) FROM fact"))


async def all_kept(stage: Stage, count: int) -> None:
    async def there() -> bool:
        return await kept(stage) == count

    await until(there)


async def test_nothing_differs_when_all_is_well(
    run: Reconcile, producer: Producer, tell: Teller, stage: Stage, working: Runtime
) -> None:
    await producer.tell(*(events := stories(tell, 8)))
    result = await run()
    assert (result.differences, result.silent, result.compared) == ([], [], len(events))
    assert report(result) == f"{len(events)} events published\ncomplete"


async def test_lost_facts_are_found_and_repaired_from_the_stream(
    *,
    run: Reconcile,
    producer: Producer,
    tell: Teller,
    stage: Stage,
    working: Runtime,
    as_owner: Any,
    settings: IndicatorsSettings,
) -> None:
    await producer.tell(*(events := stories(tell, 12)))
    await all_kept(stage, len(events))
    await as_owner("DELETE FROM fact WHERE kind = 'booking.confirmed' OR (kind = 'slot.published' AND version = 1)")
    found = await run()
    assert {(it.day, it.type): it.missing for it in found.differences} == {
        (day, f"fr.cpts.snp-dispatch.{kind}.v1"): missing
        for day, kind, missing in (
            (NOW.date() - timedelta(days=7), "booking.confirmed", 4),
            (NOW.date() - timedelta(days=7), "slot.published", 8),
            (NOW.date(), "booking.confirmed", 8),
            (NOW.date(), "slot.published", 16),
        )
    }
    assert "booking.confirmed.v1: 8 missing (published 8, kept 0)" in report(found)
    mended = await run(repair=True)
    assert (mended.repaired, mended.differences, mended.complete) == (36, [], True)
    assert await kept(stage) == len(events)
    assert (await rebuild(settings, wait=5))[0].identical


async def test_a_fact_too_many_is_told(run: Reconcile, producer: Producer, tell: Teller, stage: Stage) -> None:
    await stage.handle(tell.published(uuid4()))
    result = await run(wait=0)
    assert [(it.type, it.missing) for it in result.differences] == [("fr.cpts.snp-dispatch.slot.published.v1", -1)]
    assert "1 too many (published 0, kept 1)" in report(result)


async def test_days_before_the_first_are_not_looked_at(
    run: Reconcile, producer: Producer, tell: Teller, stage: Stage
) -> None:
    await stage.handle(tell.published(uuid4(), time=NOW - timedelta(days=1)))
    assert (await run(wait=0, since=NOW.date())).complete
    assert not (await run(wait=0, since=NOW.date() - timedelta(days=1))).complete


async def test_a_producer_that_is_away_is_told_and_nothing_is_claimed_of_it(
    settings: IndicatorsSettings, stage: Stage, tell: Teller, town: Town
) -> None:
    await stage.handle(tell.published(uuid4()))
    away = settings.model_copy(update={"producers": "snp-dispatch=http://127.0.0.1:9"})
    result = await reconcile(away, since=date(1970, 1, 1), wait=0, repair=False)
    assert (result.silent, result.differences, result.complete) == (["snp-dispatch"], [], False)
    assert "snp-dispatch did not answer" in report(result)


async def test_a_day_that_is_none_is_refused(producer: Producer) -> None:
    async with httpx.AsyncClient() as http:
        answer = await http.get(f"{producer.url}/produced?since=yesterday")
    assert (answer.status_code, answer.json()) == (422, {"code": "day_invalid", "field": "since"})


def test_a_producer_that_no_service_is_stops_the_command() -> None:
    assert producers_of("directory=http://a:1, pathways=http://b:2") == {
        "directory": "http://a:1",
        "pathways": "http://b:2",
    }
    with pytest.raises(ValueError, match="PRODUCERS: no service billing"):
        producers_of("billing=http://a:1")


async def test_after_kills_repeats_disorder_and_late_events_all_is_kept_and_the_figures_are_those_of_a_rebuild(
    *, run: Reconcile, producer: Producer, tell: Teller, stage: Stage, town: Town, settings: IndicatorsSettings
) -> None:
    """The worker is killed (kill -9) three times while it works off events of forty territories."""
    events = in_disorder(stories(tell, 400))
    third = len(events) // 3
    for part in (events[:third], events[third : 2 * third], events[2 * third :]):
        process = subprocess.Popen([sys.executable, "-m", "indicators.worker"], env=environment(settings))  # noqa: ASYNC220
        before = await kept(stage)
        await producer.tell(*part)
        await town.publish(*part[:50], again=True)

        async def begun(before: int = before) -> bool:
            return await kept(stage) > before

        await until(begun)
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait)
    process = subprocess.Popen([sys.executable, "-m", "indicators.worker"], env=environment(settings))  # noqa: ASYNC220
    try:
        await all_kept(stage, len(events))
        result = await run(wait=60)
        comparison, _ = await rebuild(settings, wait=60)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)
    assert (result.differences, result.compared) == ([], len(events))
    assert (comparison.identical, comparison.facts) == (True, len(events))
    assert comparison.figures > 0
