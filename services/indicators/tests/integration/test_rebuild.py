"""Rebuilding: from the facts by the worker, from the streams by the command. The figures stay the same."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr
from telling import GP, NOW, OTHER_GP, TERRITORY, Stage, Teller, Town, event_of

from contracts.directory import ShiftTaken, WorkforceCounted
from indicators.rebuild import rebuild, report
from indicators.settings import IndicatorsSettings
from indicators.usecases.compare_streams import Comparison
from indicators.usecases.request_rebuild import request_rebuild
from indicators.usecases.run_rebuild import run_rebuild
from kit.context import current_trace
from kit.runtime import Runtime
from kit.testing.harness import until
from kit.testing.samples import check_sample
from kit.testing.servers import Servers

Sql = Callable[[str], Awaitable[Any]]
Tallies = dict[str, Any]


@pytest.fixture
def behind(servers: Servers, settings: IndicatorsSettings) -> Sql:
    """A superuser's hand in the service's tables."""

    async def execute(statement: str) -> Any:
        connection = await asyncpg.connect(servers.admin_url(settings.database_url.get_secret_value()))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return execute


@pytest.fixture
def story(tell: Teller) -> list[Any]:
    """Three slots, one withdrawn, one booked by an ED and missed, one of another GP."""
    slots, call, booking = [uuid4() for _ in range(3)], uuid4(), uuid4()
    return [
        tell.published(slots[0]),
        tell.published(slots[1]),
        tell.withdrawn(slots[1]),
        tell.published(slots[2], rpps=OTHER_GP),
        tell.received(call),
        tell.screened(call),
        tell.confirmed(booking, slots[0], call),
        tell.missed(booking, slots[0], call),
    ]


async def tallies(stage: Stage) -> Tallies:
    return {figure.indicator.id: figure.tally for figure in await stage.figures("2026-Q4")}


async def ask_and_run(stage: Stage) -> dict[str, Any]:
    """Requests a rebuild as the API does and runs it as the worker does."""
    async with stage.db.work(TERRITORY) as work:
        rebuild_id = (await request_rebuild(work, "tester"))["id"]
    async with stage.system.work("fr") as work:
        assert await run_rebuild(work) == 1
    async with stage.db.work(TERRITORY) as work:
        row = await work.fetchrow("SELECT * FROM rebuild WHERE id = $1", rebuild_id)
    assert row is not None
    return dict(row)


async def test_a_rebuild_changes_nothing_when_all_is_well(stage: Stage, story: list[Any]) -> None:
    await stage.handle(*story)
    before = await tallies(stage)
    done = await ask_and_run(stage)
    assert (done["facts"], done["changed"], done["finished_at"]) == (len(story), 0, NOW)
    assert await tallies(stage) == before


@pytest.mark.parametrize(
    "damage",
    [
        "TRUNCATE slot_fact, call_fact, booking_fact",
        "UPDATE booking_fact SET state = 'cancelled'",
        "UPDATE slot_fact SET standing = true, booked = true",
        "UPDATE call_fact SET origin = 'sas'",
        "UPDATE slot_fact SET slot_id = gen_random_uuid()",
    ],
)
async def test_a_rebuild_puts_right_what_drifted(stage: Stage, story: list[Any], behind: Sql, damage: str) -> None:
    await stage.handle(*story)
    before = await tallies(stage)
    await behind(damage)
    assert (await ask_and_run(stage))["changed"] > 0
    assert await tallies(stage) == before
    assert (await ask_and_run(stage))["changed"] == 0


async def test_a_rebuild_touches_its_own_territory_only(
    stage: Stage, story: list[Any], tell: Teller, behind: Sql
) -> None:
    await stage.handle(*story, tell.published(uuid4(), territory="haute-saintonge"))
    await behind("TRUNCATE slot_fact")
    assert (await ask_and_run(stage))["changed"] == 3
    assert await stage.value("I-08", territory="haute-saintonge") == 0


async def test_it_is_asked_for_over_http_and_tells_when_it_is_done(
    http: httpx.AsyncClient, stage: Stage, story: list[Any], working: Runtime, behind: Sql
) -> None:
    await stage.handle(*story)
    asked = await http.post("/v1/indicators/rebuild", headers={"Idempotency-Key": "1"})
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    again = await http.post("/v1/indicators/rebuild", headers={"Idempotency-Key": "1"})
    assert again.json() == asked.json()

    async def done() -> Any:
        body = (await http.get(f"/v1/rebuilds/{asked.json()['id']}")).json()
        return body if body["state"] == "done" else None

    answer = await until(done)
    assert (answer["facts"], answer["changed"], answer["identical"]) == (len(story), 0, True)

    async def told() -> Any:
        return await behind("SELECT dimensions ->> 'rebuild_id' FROM fact WHERE kind = 'rebuild.completed'")

    assert await until(told) == asked.json()["id"]


async def test_an_unknown_rebuild_is_404(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"/v1/rebuilds/{uuid4()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "rebuild_unknown")


async def test_the_golden_sample_of_rebuild_completed(stage: Stage, story: list[Any]) -> None:
    """The event as the outbox has it; only the ids, which are drawn at random, are replaced."""
    await stage.handle(*story)
    current_trace.set(None)
    done = await ask_and_run(stage)
    async with stage.system.work("fr") as work:
        told = json.loads(await work.fetchval("SELECT body FROM outbox"))
    assert (told["type"], told["subject"]) == ("fr.cpts.indicators.rebuild.completed.v1", str(done["id"]))
    fixed = json.loads(json.dumps(told).replace(str(done["id"]), "01936b1e-0000-7000-8000-000000000001"))
    fixed["id"], fixed["correlationid"] = "01936b1e-0000-7000-8000-000000000002", "01936b1e-0000-7000-8000-000000000003"
    check_sample(fixed)


@pytest.fixture
def command(settings: IndicatorsSettings) -> Callable[[], Awaitable[tuple[Comparison, int]]]:
    """`python -m indicators.rebuild`, with the service's own rights on database and bus."""

    async def run() -> tuple[Comparison, int]:
        return await rebuild(settings, wait=5)

    return run


@pytest_asyncio.fixture
async def published(town: Town, working: Runtime, story: list[Any], behind: Sql) -> list[Any]:
    """The story, told on the bus after a message that is no event, and consumed."""
    await town.raw(f"cpts.{TERRITORY}.snp-dispatch.slot.published", b"{", "snp-dispatch")
    await town.publish(*story)

    async def consumed() -> bool:
        return bool(await behind("SELECT count(*) FROM fact") == len(story))

    await until(consumed)
    return story


async def test_the_streams_give_the_figures_that_are_served(
    published: list[Any], stage: Stage, command: Any, behind: Sql
) -> None:
    before = await tallies(stage)
    comparison, unreadable = await command()
    assert comparison.identical
    assert (comparison.facts, unreadable) == (len(published), 1)
    assert comparison.figures > 0
    assert report(comparison, unreadable).endswith("\nidentical")
    assert await tallies(stage) == before
    assert await behind("SELECT count(*) FROM pg_namespace WHERE nspname = 'replay'") == 0


async def test_a_figure_that_drifted_is_listed(published: list[Any], command: Any, behind: Sql) -> None:
    await behind("UPDATE slot_fact SET booked = false")
    comparison, unreadable = await command()
    assert not comparison.identical
    wrong = {(item.indicator_id, item.period_id) for item in comparison.differences}
    assert wrong == {("I-10", it) for it in ("2026-Q4", "2026-H2", "2026", "2026-vaccination")}
    assert "differs: I-10 2026-Q4 pays-de-redon" in report(comparison, unreadable)


async def test_a_shift_is_compared_in_the_quarter_in_which_it_starts(
    published: list[Any], town: Town, command: Any, behind: Sql
) -> None:
    shift = {"sign_up_id": uuid4(), "shift_id": uuid4(), "roster_id": uuid4(), "roster_kind": "vaccination"}
    starts = NOW + timedelta(days=120)
    await town.publish(
        event_of(WorkforceCounted(count_id=uuid4(), day=NOW.date(), self_employed=[GP]), 1, time=NOW),
        event_of(ShiftTaken(**shift, rpps=GP, profession="10", starts_at=starts), 1, time=NOW),
    )

    async def consumed() -> bool:
        return bool(await behind("SELECT count(*) FROM fact") == len(published) + 2)

    await until(consumed)
    await behind("""UPDATE fact SET dimensions = dimensions || '{"rpps": "0"}' WHERE kind = 'shift.taken'""")
    comparison, _ = await command()
    wrong = {(item.indicator_id, item.period_id) for item in comparison.differences}
    assert ("I-59", f"{starts:%Y}-Q{(starts.month + 2) // 3}") in wrong


async def test_an_event_that_is_no_fact_is_listed(published: list[Any], command: Any, behind: Sql) -> None:
    await behind(f"DELETE FROM fact WHERE event_id = '{published[0].id}'")
    comparison, unreadable = await command()
    assert comparison.lost == [published[0].id]
    assert not comparison.identical
    assert f"lost: event {published[0].id}" in report(comparison, unreadable)


async def test_facts_that_left_the_streams_are_told(published: list[Any], servers: Servers, command: Any) -> None:
    await servers.clear_bus()
    comparison, unreadable = await command()
    assert comparison.expired == len(published)
    assert "older than what the streams keep" in report(comparison, unreadable)
    assert not comparison.identical


async def test_the_command_says_by_its_exit_status_whether_all_is_well(
    published: list[Any], settings: IndicatorsSettings, behind: Sql
) -> None:
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    secrets = {name: value.get_secret_value() for name, value in values.items() if isinstance(value, SecretStr)}
    environment = {name.upper(): value for name, value in secrets.items()}
    environment |= {name.upper(): str(values[name]) for name in ("catalogue_file", "territories_dir")}

    async def run() -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "indicators.rebuild", env=os.environ | environment, stdout=PIPE
        )
        output, _ = await process.communicate()
        return process.returncode, output.decode().strip().splitlines()[-1]

    assert await run() == (0, "identical")
    await behind("UPDATE slot_fact SET standing = false")
    assert await run() == (1, "NOT identical")
