"""History of what a territory attested, and the directory as it was."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

RPPS = "99000000093"
PATH = f"/v1/professionals/{RPPS}/participation"


class Calendar:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.at = datetime(2026, 9, 29, 20, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
async def ready(new_settings: Any, templates: Any, issuer: Any, start: Any, calendar: Calendar) -> Any:
    async with start(await new_settings(templates.sampled), issuer, calendar) as directory:
        yield directory


@pytest.fixture
async def historian(ready: Any) -> Any:
    async with ready.connect("directory:history", "directory:read", role="coordinator") as http:
        yield http


async def choose(ready: Any, participates: bool) -> None:
    answer = await ready.http.put(PATH, json={"participates": participates})
    assert answer.status_code == 200, answer.text


async def changes(http: Any, **params: Any) -> list[dict[str, Any]]:
    answer = await http.get("/v1/history", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_each_change_is_kept_with_who_when_before_and_after(ready: Any, historian: Any) -> None:
    for choice in (True, True, False):
        await choose(ready, choice)
    latest, first = await changes(historian, entity="participation", key=RPPS)
    assert (first["version"], first["before"], first["after"]["participates"]) == (1, None, True)
    assert (latest["version"], latest["before"], latest["after"]["participates"]) == (2, first["after"], False)
    assert latest["changed_by"] == "coordinator"


async def test_a_day_means_its_end_in_paris(ready: Any, calendar: Calendar) -> None:
    await choose(ready, True)  # 29 September, 22 h in Paris
    calendar.at += timedelta(hours=3)  # 30 September, 1 h in Paris
    await choose(ready, False)
    for at, expected in (("2026-09-28", False), ("2026-09-29", True), ("2026-09-30", False)):
        assert (await ready.get(PATH, at=at))["participates"] is expected, at
    assert (await ready.get(PATH, at="2026-09-29T20:00:00Z"))["participates"] is True
    assert (await ready.get(PATH, at="2026-09-29T19:59:59Z"))["participates"] is False


async def test_pages_follow_each_other(ready: Any, historian: Any) -> None:
    for number in range(5):
        await choose(ready, number % 2 == 0)
    seen, cursor = [], None
    while True:
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await historian.get("/v1/history", params=params)).json()
        seen += [item["version"] for item in page["items"] if item["key"] == RPPS]
        if not (cursor := page["next"]):
            break
    assert seen == [5, 4, 3, 2, 1]


async def test_another_territory_sees_nothing_of_it(ready: Any) -> None:
    await choose(ready, True)
    async with ready.connect("directory:history", territory="haute-saintonge", role="coordinator") as http:
        assert await changes(http) == []


async def test_history_cannot_be_rewritten(ready: Any) -> None:
    await choose(ready, True)
    async with ready.runtime.db.work("pays-de-redon") as work:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await work.execute("UPDATE change SET changed_by = 'nobody'")


async def test_a_reader_may_not_see_it(ready: Any) -> None:
    async with ready.connect("directory:read") as http:
        assert (await http.get("/v1/history")).status_code == 403
