"""A request is one transaction, and its answer leaves only after the commit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from toy.service import ToySettings

from kit.auth import Caller
from kit.database import Database
from kit.faults import DISCONNECTED
from kit.idempotency import Claim
from kit.testing.harness import until
from kit.testing.servers import Servers
from kit.work import Work

Post = Callable[..., Awaitable[httpx.Response]]


async def stored(servers: Servers, settings: ToySettings, sql: str) -> list[Any]:
    connection = await asyncpg.connect(servers.admin_url(settings.database_url.get_secret_value()))
    try:
        return [row[0] for row in await connection.fetch(sql)]
    finally:
        await connection.close()


async def test_a_failed_commit_is_a_5xx_and_leaves_nothing(
    post: Post, http: httpx.AsyncClient, servers: Servers, settings: ToySettings
) -> None:
    answer = await post("fails at commit")
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal_error"
    assert (await http.get("/v1/things")).json()["items"] == []
    assert await stored(servers, settings, "SELECT count(*) FROM outbox") == [0]
    assert await stored(servers, settings, "SELECT count(*) FROM idempotency") == [0]


async def test_the_state_and_its_event_commit_together(post: Post, servers: Servers, settings: ToySettings) -> None:
    assert (await post("kept")).status_code == 201
    assert await stored(servers, settings, "SELECT count(*) FROM outbox") == [1]


async def test_an_equal_request_gets_the_same_answer_and_no_second_effect(post: Post, http: httpx.AsyncClient) -> None:
    first, second = await post("a"), await post("a")
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert len((await http.get("/v1/things")).json()["items"]) == 1


async def test_fifty_equal_requests_at_once_are_one(post: Post, http: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(post("same") for _ in range(50)))
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert len((await http.get("/v1/things")).json()["items"]) == 1


async def test_json_is_compared_by_meaning(http: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "1", "Content-Type": "application/json"}
    first = await http.post("/v1/things", content=b'{"name":"a"}', headers=headers)
    second = await http.post("/v1/things", content=b'{ "name" : "a" }', headers=headers)
    assert second.content == first.content


async def test_a_key_with_another_body_is_refused(post: Post) -> None:
    await post("a")
    answer = await post("b")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_refusal_is_not_kept(post: Post) -> None:
    refused = await post("taken")
    assert (refused.status_code, refused.json()["alternatives"]) == (409, ["other"])
    assert (await post("free")).status_code == 201


@pytest.mark.parametrize(("keyed", "mode"), [(True, "force_generic_plan"), (False, "auto")])
@pytest.mark.usefixtures("http")
async def test_only_a_request_with_an_effect_runs_under_fixed_plans(toy: FastAPI, keyed: bool, mode: str) -> None:
    caller = Caller("somebody", "pays-de-redon", frozenset())
    async with toy.state.runtime.db.work(caller.territory, caller=caller) as work:
        work.idempotency = Claim("POST /v1/things", "1", b"asked") if keyed else None
        assert await work.fetchval("SHOW plan_cache_mode") == mode


async def test_a_post_without_key_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/things", json={"name": "a"})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


async def test_a_post_that_changes_nothing_needs_no_key(http: httpx.AsyncClient) -> None:
    assert (await http.post("/v1/things/search", json={"name": "a"})).status_code == 200


@pytest.mark.parametrize(("body", "field"), [(b"{}", "name"), (b'{"name": ""}', "name"), (b'{"name": 3}', "name")])
async def test_malformed_input_names_the_field(http: httpx.AsyncClient, body: bytes, field: str) -> None:
    headers = {"Idempotency-Key": "1", "Content-Type": "application/json"}
    answer = await http.post("/v1/things", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_body_that_is_not_json_says_where(http: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "1", "Content-Type": "application/json"}
    answer = await http.post("/v1/things", content=b'{"name": }', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_json")
    assert "character 9" in answer.json()["detail"]


async def test_a_body_that_is_not_text_is_422(http: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "1", "Content-Type": "application/json"}
    answer = await http.post("/v1/things", content=b"\xd3\xa38t\x16\xff", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed_json")


async def test_a_value_that_the_database_cannot_hold_is_422(post: Post) -> None:
    answer = await post("nul \0 character")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")


async def test_a_bug_is_a_500_that_tells_nothing(http: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]) -> None:
    answer = await http.get("/v1/boom")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "Jeanne" not in answer.text


async def test_pages_follow_each_other_to_the_end(post: Post, http: httpx.AsyncClient) -> None:
    for name in "cabed":
        await post(name, key=name)
    seen: list[str] = []
    url: str | None = "/v1/things?limit=2"
    while url:
        page = (await http.get(url)).json()
        seen += [item["name"] for item in page["items"]]
        url = f"/v1/things?limit=2&cursor={page['next']}" if page["next"] else None
    assert seen == list("abcde")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=%21", "cursor=e30"])
async def test_a_bad_page_is_422(http: httpx.AsyncClient, query: str) -> None:
    assert (await http.get(f"/v1/things?{query}")).status_code == 422


async def test_connections_dropped_by_the_server_are_replaced(
    post: Post, toy: FastAPI, servers: Servers, settings: ToySettings
) -> None:
    await post("before")
    ours = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    before = await stored(servers, settings, f"SELECT pid {ours}")
    await stored(servers, settings, f"SELECT pg_terminate_backend(pid) {ours}")

    async def dropped() -> bool:
        return not set(before) & set(await stored(servers, settings, f"SELECT pid {ours}"))

    assert before
    await until(dropped)
    assert (await post("after", key="2")).status_code == 201


async def test_a_key_is_only_ever_a_text(post: Post, http: httpx.AsyncClient) -> None:
    """The claim travels as a literal: quotes and backslashes in a key stay in it."""
    for key in ("it's", "\\'; DROP TABLE thing; --", "'' || 'x", "$1 :n %s"):
        first, second = await post("a", key=key), await post("a", key=key)
        assert (first.status_code, first.content) == (201, second.content), first.text
    assert len((await http.get("/v1/things")).json()["items"]) == 4


@pytest.mark.parametrize("when", ["between two statements", "during a statement"])
@pytest.mark.usefixtures("http")
async def test_a_connection_lost_in_a_transaction_costs_the_pool_nothing(
    toy: FastAPI, servers: Servers, settings: ToySettings, when: str
) -> None:
    database = toy.state.runtime.relay.database  # it has one connection: a lost one would be the last
    for _ in range(3):
        with pytest.raises(DISCONNECTED):
            await cut(database, servers, settings, when)
    async with asyncio.timeout(10), database.work("fr") as work:
        assert await work.fetchval("SELECT 1") == 1


async def cut(database: Database, servers: Servers, settings: ToySettings, when: str) -> None:
    async with asyncio.timeout(10), database.work("fr") as work:
        pid = await work.fetchval("SELECT pg_backend_pid()")
        running = asyncio.create_task(work.execute("SELECT pg_sleep(30)")) if "during" in when else None
        await stored(servers, settings, f"SELECT pg_terminate_backend({pid})")
        await (running or ended(work))


async def ended(work: Work) -> None:
    while True:
        await work.execute("SELECT 1")
        await asyncio.sleep(0.01)
