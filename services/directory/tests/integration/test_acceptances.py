"""Who accepts new patients: who may say it, how long it holds, what is told, as it was."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.envelope import NATIONAL
from directory.usecases.lapse_acceptances import lapse_acceptances
from kit.clock import FixedClock

RPPS, OTHER = "99000000093", "99000000283"
READ, WRITE = "directory:read", "directory:write"
AT = datetime(2026, 9, 29, 20, tzinfo=UTC)  # 22 h in Paris


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(AT)


@pytest.fixture
async def ready(new_settings: Any, templates: Any, issuer: Any, start: Any, clock: FixedClock) -> Any:
    async with start(await new_settings(templates.sampled), issuer, clock) as directory:
        yield directory


def path(rpps: str = RPPS) -> str:
    return f"/v1/professionals/{rpps}/acceptance"


async def say(http: Any, rpps: str = RPPS, **body: Any) -> Any:
    return await http.put(path(rpps), json={"accepts": True, **body})


async def lapse(directory: Any) -> int:
    async with directory.runtime.system.work(NATIONAL) as work:
        return await lapse_acceptances(work)


async def told(directory: Any) -> list[tuple[str, str]]:
    kinds = [(e["type"], e["territory"]) for e in await directory.outbox() if "acceptance" in e["type"]]
    return [(kind.split(".")[4], territory) for kind, territory in kinds]


async def test_nothing_is_known_before_somebody_says_it(ready: Any) -> None:
    answer = await ready.http.get(path())
    assert answer.headers["etag"] == '"0"'
    assert (answer.json()["accepts"], answer.json()["holds"], answer.json()["version"]) == (None, False, 0)


async def test_what_is_said_stands_with_who_when_and_until_when(ready: Any) -> None:
    said = (await say(ready.http, capacity=20, patients=["children", "ald"], source="phone")).json()
    assert said == (await ready.get(path()))
    assert (said["accepts"], said["capacity"], [it["code"] for it in said["patients"]]) == (
        True,
        20,
        ["ald", "children"],
    )
    assert (said["source"], said["holds"], said["version"]) == ("phone", True, 1)
    assert said["valid_until"] == "2027-01-27"  # 120 days
    assert (await say(ready.http, capacity=20, patients=["ald", "children"], source="phone")).json()["version"] == 1
    assert (await say(ready.http, capacity=10)).json()["version"] == 2
    assert await told(ready) == [("declared", "pays-de-redon")] * 2


async def test_a_practitioner_says_it_of_themself_only(ready: Any) -> None:
    async with ready.connect(READ, WRITE, role="practitioner", rpps=RPPS) as http:
        assert (await say(http, source="phone")).json()["source"] == "self"
        refused = await say(http, OTHER)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_own_entry")


async def test_it_belongs_to_one_territory(ready: Any) -> None:
    await say(ready.http)
    async with ready.connect(READ, WRITE, territory="haute-saintonge", role="coordinator") as http:
        assert (await http.get(path())).json()["version"] == 0
        assert (await http.get("/v1/acceptances")).json()["items"] == []


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"patients": ["nobody"]}, "patients", "patients_unknown"),
    ({"accepts": False, "capacity": 3}, "accepts", "accepts_nobody"),
    ({"valid_until": "2026-09-28"}, "valid_until", "valid_until_refused"),
    ({"valid_until": "2027-10-01"}, "valid_until", "valid_until_refused"),
    ({"capacity": 0}, "capacity", "invalid_input"),
    ({"capacity": 2**40}, "capacity", "invalid_input"),
    ({"accepts": "yes"}, "accepts", "invalid_input"),
    ({"patients": ["a\0b"]}, "patients.0", "invalid_input"),
    ({"source": "link"}, "source", "invalid_input"),
]


async def test_a_bad_answer_names_its_field(ready: Any) -> None:
    for body, field, code in BAD:
        refused = await say(ready.http, **body)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert [error["field"] for error in refused.json()["errors"]] == [field]
    assert await told(ready) == []


async def test_a_change_on_something_read_before_says_so(ready: Any) -> None:
    await say(ready.http)
    stale = await ready.http.put(path(), json={"accepts": False}, headers={"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["code"], stale.headers["etag"]) == (412, "version_mismatch", '"1"')


async def test_it_lapses_at_midnight_in_paris_whatever_the_job_does(ready: Any, clock: FixedClock) -> None:
    await say(ready.http, valid_until="2026-09-29")
    assert (await ready.get(path()))["holds"] is True
    assert await lapse(ready) == 0
    clock.advance(timedelta(hours=2))  # 30 September, 0 h in Paris; still the 29th in UTC
    gone = await ready.get(path())
    assert (gone["accepts"], gone["holds"]) == (None, False)
    assert (await ready.get("/v1/acceptances"))["items"] == []
    assert [it["holds"] for it in (await ready.get("/v1/acceptances", holds=False))["items"]] == [False]
    assert [await lapse(ready), await lapse(ready)] == [1, 0]
    assert await told(ready) == [("declared", "pays-de-redon"), ("lapsed", "pays-de-redon")]
    again = (await say(ready.http)).json()
    assert (again["holds"], again["version"]) == (True, 3)


async def test_two_jobs_at_once_tell_each_lapse_once(ready: Any, clock: FixedClock) -> None:
    for rpps in (RPPS, OTHER):
        await say(ready.http, rpps, valid_until="2026-09-29")
    clock.advance(timedelta(days=1))
    assert sum(await asyncio.gather(lapse(ready), lapse(ready), lapse(ready))) == 2
    assert [kind for kind, _ in await told(ready)].count("lapsed") == 2


async def test_the_list_filters_by_what_people_ask(ready: Any) -> None:
    await say(ready.http, patients=["ald"])
    await say(ready.http, OTHER, accepts=False)

    async def found(**params: Any) -> list[str]:
        return [it["rpps"] for it in (await ready.get("/v1/acceptances", **params))["items"]]

    assert sorted(await found()) == [RPPS, OTHER]
    assert await found(accepts=True) == [RPPS]
    assert await found(patients="ald", accepts=True) == [RPPS]
    assert await found(patients="css", accepts=True) == []
    assert sorted(await found(commune="35236")) == [RPPS, OTHER]
    assert await found(commune="56253") == []
    assert sorted(await found(territory="mine", profession="10")) == [RPPS, OTHER]
    assert await found(source="self") == []
    refused = await ready.http.get("/v1/acceptances", params={"specialty": "magic"})
    assert (refused.status_code, refused.json()["code"]) == (422, "specialty_unknown")
    first = await ready.get("/v1/acceptances", limit=1)
    assert [it["rpps"] for it in first["items"]] + await found(cursor=first["next"]) == await found()


async def test_the_list_as_it_was(ready: Any, clock: FixedClock) -> None:
    await say(ready.http, valid_until="2026-10-05")
    clock.advance(timedelta(days=3))
    await say(ready.http, accepts=False)
    before = (await ready.get("/v1/acceptances", at="2026-09-30"))["items"]
    assert [(it["rpps"], it["accepts"], it["holds"]) for it in before] == [(RPPS, True, True)]
    assert (await ready.get("/v1/acceptances", at="2026-09-28"))["items"] == []
    assert [it["accepts"] for it in (await ready.get("/v1/acceptances"))["items"]] == [False]
    assert (await ready.http.get(path(), params={"at": "2026-09-30"})).json()["accepts"] is True


async def test_twenty_equal_answers_at_once_are_one_version(ready: Any) -> None:
    answers = await asyncio.gather(*(say(ready.http, capacity=5) for _ in range(20)))
    assert {(it.status_code, it.json()["version"]) for it in answers} == {(200, 1)}
    assert len(await told(ready)) == 1


async def test_the_rules_of_a_territory_are_its_own_over_the_default(ready: Any) -> None:
    rules = await ready.get("/v1/acceptances/rules")
    assert [it["code"] for it in rules["specialties"]][:2] == ["general-practice", "cardiology"]
    async with ready.connect(READ, territory="atlantique-nord-loire") as http:
        default = (await http.get("/v1/acceptances/rules")).json()
    assert [it["code"] for it in default["specialties"]] == ["general-practice"]
    assert (default["holds_days"], default["reminder_days"]) == (120, [7, 14])
