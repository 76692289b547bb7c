"""The rates of I-58 and I-59 need, day by day, who of the territory is self-employed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from roster_stage import Rosters

from contracts.envelope import NATIONAL
from directory.usecases.count_self_employed import count_self_employed
from kit.clock import FixedClock


@pytest_asyncio.fixture
async def desk(new_settings: Any, templates: Any, issuer: Any, start: Any) -> AsyncIterator[tuple[Rosters, FixedClock]]:
    clock = FixedClock(datetime(2026, 11, 2, 8, tzinfo=UTC))
    async with (
        start(await new_settings(templates.sampled), issuer, clock) as directory,
        directory.connect("crisis:read", "crisis:write", role="coordinator", sub="coordinator") as http,
    ):
        yield Rosters(directory, http, clock.now(), told=0), clock


async def count(rosters: Rosters) -> int:
    runtime = rosters.directory.runtime
    async with runtime.system.work(NATIONAL) as work:
        return await count_self_employed(work, runtime.extras["reference"])


async def told(rosters: Rosters) -> list[tuple[str, list[str]]]:
    async with rosters.directory.runtime.system.work(NATIONAL) as work:
        rows = await work.fetch(
            "SELECT territory, body::jsonb -> 'data' -> 'self_employed' AS people FROM outbox "
            "WHERE type LIKE '%.workforce.counted.v1' ORDER BY seq"
        )
    return [(row["territory"], row["people"]) for row in rows]


async def searched(rosters: Rosters) -> list[str]:
    """The same people by the search, page by page."""
    found: list[str] = []
    wanted: dict[str, Any] = {"territory": "mine", "mode": "L", "limit": 200}
    while True:
        page = await rosters.directory.get("/v1/professionals", **wanted)
        found += [it["rpps"] for it in page["items"]]
        if page["next"] is None:
            return sorted(found)
        wanted["cursor"] = page["next"]


async def test_the_self_employed_are_counted_when_it_says_something_else(desk: tuple[Rosters, FixedClock]) -> None:
    rosters, clock = desk
    assert await count(rosters) == 0, "nobody asks where nothing is staffed"
    await rosters.open()
    assert len(await told(rosters)) == 1, "the first roster needs no round of the job"
    await rosters.open()
    assert await count(rosters) == 0, "today is counted"
    clock.advance(timedelta(days=1))
    assert await count(rosters) == 0, "the count before still holds"
    ((territory, people),) = await told(rosters)
    assert (territory, people) == ("pays-de-redon", await searched(rosters))
    async with rosters.directory.runtime.system.work(NATIONAL) as work:
        await work.execute("UPDATE professional SET listed = false WHERE rpps = $1", people[0])
    clock.advance(timedelta(days=1))
    assert await count(rosters) == 1
    assert (await told(rosters))[-1] == ("pays-de-redon", people[1:])


async def test_rosters_that_are_opened_at_once_count_once(desk: tuple[Rosters, FixedClock]) -> None:
    rosters, _ = desk
    await asyncio.gather(*(rosters.open() for _ in range(8)))
    assert len(await told(rosters)) == 1
