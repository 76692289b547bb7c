"""The rate that a CPTS owes (I-05) needs, day by day, who the general practitioners are and who of them accepts."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from contracts.envelope import NATIONAL
from directory.usecases.count_acceptances import count_acceptances
from kit.clock import FixedClock

PERSON = "99000001174"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 10, 5, 8, tzinfo=UTC))


@pytest.fixture
async def ready(new_settings: Any, templates: Any, issuer: Any, start: Any, clock: FixedClock) -> Any:
    async with start(await new_settings(templates.sampled), issuer, clock) as directory:
        yield directory


async def count(ready: Any) -> int:
    async with ready.runtime.system.work(NATIONAL) as work:
        return await count_acceptances(work, ready.runtime.extras["reference"])


async def told(ready: Any) -> list[dict[str, Any]]:
    async with ready.runtime.system.work(NATIONAL) as work:
        rows = await work.fetch(
            "SELECT territory, body::jsonb -> 'data' AS data FROM outbox WHERE type LIKE '%.acceptance.counted.v1' "
            "ORDER BY seq"
        )
    assert {row["territory"] for row in rows} <= {"pays-de-redon"}
    return [row["data"] for row in rows]


async def say(ready: Any, rpps: str = PERSON, **body: Any) -> None:
    answer = await ready.http.put(f"/v1/professionals/{rpps}/acceptance", json={"accepts": True, **body})
    assert answer.status_code == 200, answer.text


async def test_a_day_is_counted_when_it_says_something_else(ready: Any, clock: FixedClock) -> None:
    assert await count(ready) == 0, "where nobody was ever asked the rate is unknown, and not zero"
    await say(ready, accepts=False)
    assert [await count(ready), await count(ready)] == [1, 0]
    await say(ready, valid_until="2026-10-20")
    assert await count(ready) == 0, "once a day"
    clock.advance(timedelta(days=1))
    assert await count(ready) == 1
    clock.advance(timedelta(days=13))  # 19 October
    assert await count(ready) == 0, "the count before still holds"
    clock.advance(timedelta(days=2))
    assert await count(ready) == 1, "it no longer holds, whether or not the job has marked it"
    first, second, third = await told(ready)
    assert (first["accepting"], second["accepting"], third["accepting"]) == ([], [PERSON], [])
    assert first["general_practitioners"] == second["general_practitioners"]
    assert PERSON in first["general_practitioners"]
    assert (second["day"], third["day"]) == ("2026-10-06", "2026-10-21")


async def test_those_of_the_territory_who_can_be_asked(ready: Any) -> None:
    """The same whom a campaign asks: self-employed, or in a health centre or MSP."""
    await say(ready)
    await count(ready)
    (counted,) = await told(ready)
    asked = {"period": "2026-Q4", "opens_on": "2026-10-06", "closes_on": "2026-10-20"}
    async with ready.connect("directory:read", "directory:publish", role="coordinator") as http:
        draft = await http.post("/v1/campaigns", json=asked, headers={"Idempotency-Key": "1"})
        assert draft.status_code == 201, draft.text
        preview = (await http.get(f"/v1/campaigns/{draft.json()['id']}/preview", params={"limit": 200})).json()
    gps = [it["rpps"] for it in preview["items"] if "general-practice" in {code["code"] for code in it["specialties"]}]
    assert sorted(gps) == counted["general_practitioners"]
    assert PERSON in counted["general_practitioners"]


async def test_several_workers_count_a_day_once(ready: Any) -> None:
    await say(ready)
    assert sum(await asyncio.gather(*(count(ready) for _ in range(4)))) == 1
    async with ready.runtime.system.work("pays-de-redon") as work:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await work.execute("UPDATE acceptance_count SET accepting = '{}'")
