"""Internship offers and trainees, projects to settle, contacts for a spouse's job."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio

from contracts.envelope import NATIONAL
from kit.clock import FixedClock

DOCTOR, NURSE = "99000000093", "99000002388"
STAY = {"profession": "10", "level": "third_cycle", "starts_on": "2026-11-02", "ends_on": "2027-04-30"}
OFFER = STAY | {"host": DOCTOR, "commune": "35236", "places": 1, "housing": "offered"}
CANDIDATE = {"name": "Dr Exemple", "phone": "+33199001234", "email": "exemple@example.org"}
PROJECT = {"profession": "10", "specialty": "general-practice", "communes": ["35236"], "spouse_job": "enseignement"}
SCOPES = ("directory:read", "directory:history", "internships:write", "installations:read", "installations:write")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(new_settings: Any, templates: Any, issuer: Any, start: Any) -> AsyncIterator[tuple[Any, FixedClock]]:
    clock = FixedClock(datetime(2026, 11, 2, 8, tzinfo=UTC))
    async with start(await new_settings(templates.sampled), issuer, clock) as directory:
        yield directory, clock


@pytest.fixture
async def http(place: tuple[Any, FixedClock]) -> AsyncIterator[httpx.AsyncClient]:
    async with place[0].connect(*SCOPES, role="coordinator", sub="coordinator") as client:
        yield client


async def send(http: httpx.AsyncClient, path: str, body: Any = None, status: int = 201) -> dict[str, Any]:
    answer = await http.post(path, json=body, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == status, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def told(directory: Any, row: dict[str, Any]) -> list[str]:
    """The events of a row, in their order."""
    return [event["type"] for event in await directory.outbox() if event["subject"] == row["id"]]


async def advance(http: httpx.AsyncClient, row: dict[str, Any], stage: str, status: int = 200, **more: Any) -> Any:
    return await send(http, f"/v1/installations/{row['id']}/stage", {"stage": stage} | more, status)


async def test_an_offer_is_found_until_it_is_closed(http: httpx.AsyncClient) -> None:
    offer = await send(http, "/v1/internship-offers", OFFER)

    async def found(**params: Any) -> bool:
        items = (await http.get("/v1/internship-offers", params=params)).json()["items"]
        return offer["id"] in [item["id"] for item in items]

    assert await found(housing="offered", profession="10", on="2027-01-01")
    assert not await found(on="2027-05-01")
    assert not await found(housing="none")
    for _ in range(2):
        assert (await send(http, f"/v1/internship-offers/{offer['id']}/close", status=200))["version"] == 2
    assert not await found()
    assert await found(state="closed")


async def test_a_stay_is_told_corrected_and_cancelled(http: httpx.AsyncClient, place: Any) -> None:
    offer = await send(http, "/v1/internship-offers", OFFER)
    stay = await send(http, "/v1/trainees", STAY | {"hosts": [DOCTOR, NURSE, DOCTOR], "offer_id": offer["id"]})
    assert stay["hosts"] == [DOCTOR, NURSE]
    path = f"/v1/trainees/{stay['id']}"
    assert (await http.patch(path, json={"ends_on": "2026-12-31"})).json()["ends_on"] == "2026-12-31"
    assert (await http.patch(path, json={"ends_on": "2026-12-31"})).json()["version"] == 2
    assert (await http.patch(path, json={"ends_on": "2026-01-01"})).json()["code"] == "period_empty"
    stale = await http.patch(path, json={"cancelled": True}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_mismatch")
    cancelled = await http.patch(path, json={"cancelled": True}, headers={"If-Match": '"2"'})
    assert cancelled.json()["cancelled"] is True
    assert await told(place[0], stay) == ["fr.cpts.directory.trainee.hosted.v1"] * 3


async def test_trainees_as_they_were_known(http: httpx.AsyncClient, place: Any) -> None:
    clock: FixedClock = place[1]
    day = clock.now().date()
    stay = await send(http, "/v1/trainees", STAY | {"hosts": [NURSE]})
    clock.advance(timedelta(days=1))
    await http.patch(f"/v1/trainees/{stay['id']}", json={"cancelled": True})

    async def known(at: str) -> list[bool]:
        items = (await http.get("/v1/trainees", params={"at": at})).json()["items"]
        return [item["cancelled"] for item in items if item["id"] == stay["id"]]

    assert await known(str(day - timedelta(days=1))) == []
    assert await known(str(day)) == [False]
    assert await known(str(day + timedelta(days=1))) == [True]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"level": "unknown"}, "level"),
        ({"profession": "00"}, "profession"),
        ({"ends_on": "2020-01-01"}, "ends_on"),
        ({"housing": "castle"}, "housing"),
        ({"commune": "99999"}, "commune"),
    ],
)
async def test_a_bad_offer_names_its_field(http: httpx.AsyncClient, change: dict[str, str], field: str) -> None:
    refused = await send(http, "/v1/internship-offers", OFFER | change, 422)
    assert refused["errors"][0]["field"] == field


async def test_a_host_speaks_for_themself(place: Any, http: httpx.AsyncClient) -> None:
    offer = await send(http, "/v1/internship-offers", OFFER)
    stay = await send(http, "/v1/trainees", STAY | {"hosts": [DOCTOR]})
    async with place[0].connect("internships:write", role="practitioner", rpps=NURSE) as own:
        for path, body in (
            ("/v1/internship-offers", OFFER),
            (f"/v1/internship-offers/{offer['id']}/close", None),
            ("/v1/trainees", STAY | {"hosts": [DOCTOR]}),
        ):
            assert (await send(own, path, body, 403))["code"] == "not_own_entry"
        assert (await own.patch(f"/v1/trainees/{stay['id']}", json={})).json()["code"] == "not_own_entry"
        await send(own, "/v1/trainees", STAY | {"hosts": [DOCTOR, NURSE]})


async def test_a_project_goes_from_contact_to_opening(http: httpx.AsyncClient, place: Any) -> None:
    project = await send(http, "/v1/installations", PROJECT | {"candidate": CANDIDATE})
    path = f"/v1/installations/{project['id']}"
    assert (await http.get(f"{path}/candidate")).json() == CANDIDATE
    for stage in ("visit", "project", "paperwork"):
        assert (await advance(http, project, stage))["stage"] == stage
    opening = {"commune": "35236", "opened_on": "2027-01-04", "rpps": DOCTOR}
    opened = await advance(http, project, "opened", opening=opening)
    assert {name: opened[name] for name in opening} == opening
    assert (await http.get(f"{path}/candidate")).json()["code"] == "candidate_not_found"
    assert (await advance(http, project, "project", 409))["code"] == "stage_not_next"
    assert await told(place[0], project) == ["fr.cpts.directory.installation.advanced.v1"] * 5


async def test_who_may_settle_stands_nowhere_else(http: httpx.AsyncClient, place: Any) -> None:
    project = await send(http, "/v1/installations", PROJECT | {"candidate": CANDIDATE})
    history = (await http.get("/v1/history", params={"entity": "installation", "key": project["id"]})).text
    async with place[0].runtime.system.work(NATIONAL) as work:
        events = await work.fetchval("SELECT string_agg(body::text, ' ') FROM outbox")
        rows = await work.fetchval("SELECT string_agg(i::text, ' ') FROM installation i")
    for value in CANDIDATE.values():
        assert value not in history + events + rows
    async with place[0].connect("installations:read", role="coordinator") as reader:
        assert (await reader.get(f"/v1/installations/{project['id']}/candidate")).status_code == 403


async def test_who_read_it_is_written_down(http: httpx.AsyncClient, place: Any) -> None:
    project = await send(http, "/v1/installations", PROJECT | {"candidate": CANDIDATE})
    path, asked = f"/v1/installations/{project['id']}/candidate", {"entity": "candidate_read", "limit": 200}
    before = len((await http.get("/v1/history", params=asked)).json()["items"])
    async with place[0].connect("installations:write", role="coordinator", sub="curious") as other:
        assert (await other.get(path)).status_code == 200
    async with place[0].connect("installations:read", role="coordinator", sub="refused") as reader:
        assert (await reader.get(path)).status_code == 403
    found = (await http.get("/v1/history", params=asked)).json()["items"]
    assert len(found) == before + 1
    assert (found[0]["changed_by"], found[0]["after"]["installation_id"]) == ("curious", project["id"])
    async with place[0].runtime.db.work("pays-de-redon") as work:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await work.execute("UPDATE candidate_read SET changed_by = 'nobody'")


async def test_stages_that_do_not_follow_are_refused(http: httpx.AsyncClient) -> None:
    project = await send(http, "/v1/installations", PROJECT)
    assert (await advance(http, project, "paperwork", 409))["code"] == "stage_not_next"
    assert (await advance(http, project, "nowhere", 422))["errors"][0]["field"] == "stage"
    assert (await advance(http, project, "visit", 422, opening={"commune": "35236", "opened_on": "2027-01-04"}))[
        "code"
    ] == "opening_mismatch"
    await advance(http, project, "abandoned")
    assert (await advance(http, project, "first_contact"))["stage"] == "first_contact"


async def test_projects_are_listed_by_stage(http: httpx.AsyncClient) -> None:
    project = await send(http, "/v1/installations", PROJECT)
    await advance(http, project, "visit")
    items = (await http.get("/v1/installations", params={"stage": "visit", "profession": "10"})).json()["items"]
    assert items[0]["id"] == project["id"]
    assert {item["stage"] for item in items} == {"visit"}


async def test_contacts_for_a_spouse_are_found_by_field(http: httpx.AsyncClient) -> None:
    body = {"name": "Service emploi", "fields": ["enseignement", "industrie"], "how": "https://emploi.example.org"}
    contact = await send(http, "/v1/spouse-contacts", body)

    async def found(**params: str) -> list[str]:
        return [item["id"] for item in (await http.get("/v1/spouse-contacts", params=params)).json()["items"]]

    assert await found(field="industrie") == [contact["id"]]
    assert await found(field="culture") == []
    assert (await send(http, f"/v1/spouse-contacts/{contact['id']}/end", status=200))["ended_on"] is not None
    assert await found() == []


async def test_another_territory_sees_none_of_it(http: httpx.AsyncClient, place: Any) -> None:
    project = await send(http, "/v1/installations", PROJECT)
    async with place[0].connect(*SCOPES, role="coordinator", territory="haute-saintonge") as other:
        assert (await other.get(f"/v1/installations/{project['id']}")).json()["code"] == "installation_unknown"
        for path in ("/v1/installations", "/v1/trainees", "/v1/internship-offers", "/v1/spouse-contacts"):
            assert (await other.get(path)).json()["items"] == []
