"""Exports by hand, and what a coordinator sees and does when one has failed."""

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from export_stage import QUARTERLY, Replica, replicas, write_rules

from indicators.main import build
from indicators.settings import IndicatorsSettings
from kit.clock import FixedClock
from kit.testing.harness import Issuer, client

DUE = datetime(2027, 1, 10, 6, tzinfo=UTC)
ORDER = {"what": "quarterly_dashboard", "period": "2026-Q4", "formats": ["csv", "json"]}
SCOPES = ("exports:read", "exports:write")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(DUE)


@pytest.fixture
def ruled(settings: IndicatorsSettings, tmp_path: Path) -> IndicatorsSettings:
    folder = tmp_path / "territories"
    write_rules(folder, QUARTERLY | {"starts": "2027-01-01"}, waits_minutes=[1])
    return settings.model_copy(update={"territories_dir": folder})


@pytest_asyncio.fixture
async def replica(ruled: IndicatorsSettings, clock: FixedClock) -> AsyncIterator[Replica]:
    async with replicas(ruled, clock) as (one,):
        yield one


@pytest_asyncio.fixture
async def desk(ruled: IndicatorsSettings, clock: FixedClock, issuer: Issuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client(build(ruled, clock), issuer.token(*SCOPES)) as http:
        yield http


async def post(http: httpx.AsyncClient, path: str, body: Any = None, key: str = "k") -> httpx.Response:
    return await http.post(path, json=body, headers={"Idempotency-Key": key})


async def test_an_order_is_made_and_fetched_with_its_digest(desk: httpx.AsyncClient, replica: Replica) -> None:
    ordered = await post(desk, "/v1/export-runs", ORDER)
    assert ordered.status_code == 202
    run = ordered.json()
    assert (run["state"], run["progress"], run["schedule"]) == ("waiting", {"done": 0, "total": 4}, None)
    assert (await post(desk, "/v1/export-runs", ORDER)).json()["id"] == run["id"], "the same key, the same run"
    assert await replica.work_off() == 1
    done = (await desk.get(f"/v1/export-runs/{run['id']}")).json()
    assert (done["state"], done["progress"]) == ("delivered", {"done": 4, "total": 4})
    assert [it["outcome"] for it in done["attempts"]] == ["delivered"]
    assert [it["fetched_at"] for it in done["files"]] == [None, None]
    for file in done["files"]:
        got = await desk.get(file["url"])
        digest = hashlib.sha256(got.content)
        assert (len(got.content), digest.hexdigest()) == (file["size"], file["sha256"])
        assert got.headers["repr-digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"
        assert got.headers["etag"] == f'"{file["sha256"]}"'
        assert got.headers["content-type"] == file["media_type"]
    fetched = (await desk.get(f"/v1/export-runs/{run['id']}")).json()["files"]
    assert [it["fetched_at"] for it in fetched] == ["2027-01-10T06:00:00Z"] * 2


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"period": "2026-Q5"}, "period_invalid", "period"),
        ({"period": "2026"}, "period_unfit", "period"),
        ({"period": "2026-grippe"}, "period_invalid", "period"),
        ({"formats": []}, "invalid_input", "formats"),
        ({"formats": ["doc"]}, "invalid_input", "formats.0"),
        ({"what": "poem"}, "invalid_input", "what"),
        ({"more": 1}, "invalid_input", "more"),
    ],
)
async def test_a_bad_order_is_refused_by_its_field(
    desk: httpx.AsyncClient, change: dict[str, Any], code: str, field: str
) -> None:
    answer = await post(desk, "/v1/export-runs", ORDER | change)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert field in answer.json()["errors"][0]["field"]
    assert (await desk.get("/v1/export-runs")).json()["items"] == []


async def test_what_failed_is_listed_and_tried_again_under_the_same_key(
    desk: httpx.AsyncClient, replica: Replica, ruled: IndicatorsSettings, clock: FixedClock
) -> None:
    ruled.exports_dir.write_text("in the way")
    await replica.plan()
    await replica.work_off()
    (run,) = (await desk.get("/v1/export-runs")).json()["items"]
    early = await post(desk, f"/v1/export-runs/{run['id']}/retry", key="early")
    assert (early.status_code, early.json()["code"]) == (409, "run_not_failed")
    clock.advance(timedelta(minutes=1))
    await replica.work_off()
    (run,) = (await desk.get("/v1/export-runs?state=failed")).json()["items"]
    assert (run["error"], run["tries"], run["next_at"]) == ("folder_unwritable", 2, None)
    ruled.exports_dir.unlink()
    again = await post(desk, f"/v1/export-runs/{run['id']}/retry", key="again")
    assert (again.status_code, again.json()["state"]) == (202, "waiting")
    await replica.work_off()
    done = (await desk.get(f"/v1/export-runs/{run['id']}")).json()
    assert (done["state"], done["error"]) == ("delivered", None)
    assert [it["outcome"] for it in done["attempts"]] == ["folder_unwritable", "folder_unwritable", "delivered"]
    assert [it["sha256"] for it in done["files"]] == [it["sha256"] for it in run["files"]]
    assert (await desk.get("/v1/export-runs?state=failed")).json()["items"] == []


async def test_runs_are_paged_newest_first(desk: httpx.AsyncClient, clock: FixedClock) -> None:
    ids = []
    for number in range(5):
        clock.advance(timedelta(seconds=1))
        ids.append((await post(desk, "/v1/export-runs", ORDER, f"k{number}")).json()["id"])
    found, cursor = [], ""
    while cursor is not None:
        body = (
            await desk.get("/v1/export-runs", params={"limit": "2"} | ({"cursor": cursor} if cursor else {}))
        ).json()
        found, cursor = found + [it["id"] for it in body["items"]], body["next"]
    assert found == ids[::-1]


async def test_schedules_say_when_they_fall_due(desk: httpx.AsyncClient) -> None:
    (schedule,) = (await desk.get("/v1/export-schedules")).json()["items"]
    assert (schedule["id"], schedule["destination"]) == ("cpam-dashboard", "folder")
    assert schedule["next_due_at"] == "2027-04-10T05:00:00Z"


async def test_another_territory_sees_none_of_it(
    desk: httpx.AsyncClient, replica: Replica, ruled: IndicatorsSettings, clock: FixedClock, issuer: Issuer
) -> None:
    run = (await post(desk, "/v1/export-runs", ORDER)).json()["id"]
    await replica.work_off()
    name = (await desk.get(f"/v1/export-runs/{run}")).json()["files"][0]["name"]
    async with client(build(ruled, clock), issuer.token(*SCOPES, territory="haute-saintonge")) as theirs:
        assert (await theirs.get("/v1/export-runs")).json()["items"] == []
        assert (await theirs.get("/v1/export-schedules")).json()["items"] == []
        for path in (f"/v1/export-runs/{run}", f"/v1/export-runs/{run}/files/{name}"):
            assert (await theirs.get(path)).status_code == 404
        assert (await post(theirs, f"/v1/export-runs/{run}/retry")).status_code == 404


async def test_a_file_that_is_not_there(desk: httpx.AsyncClient, replica: Replica) -> None:
    run = (await post(desk, "/v1/export-runs", ORDER)).json()["id"]
    answer = await desk.get(f"/v1/export-runs/{run}/files/x.csv")
    assert (answer.status_code, answer.json()["code"]) == (404, "export_file_unknown")
