"""Whom the gateway refuses, and that the service never hears of it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from standin.service import StandIn

from kit.testing.harness import Issuer, until

Start = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.mark.parametrize(
    ("asking", "refusal"),
    [
        ((("slots:read",), {}), (403, "scope_missing")),
        (((), {}), (403, "scope_missing")),
        ((("calls:read",), {"territory": "nowhere"}), (403, "territory_unknown")),
        ((("calls:read",), {"expires_in": -5}), (401, "token_expired")),
        ((("calls:read",), {"aud": "another"}), (401, "token_invalid")),
        ((("calls:read",), {"iss": "another"}), (401, "token_invalid")),
    ],
)
async def test_the_wrong_caller_stops_here(
    gateway: Start, dispatch: StandIn, issuer: Issuer, asking: tuple[Any, ...], refusal: tuple[int, str]
) -> None:
    scopes, claims = asking
    async with gateway(issuer.token(*scopes, **claims)) as http:
        answer = await http.get("/v1/calls/1")
    assert (answer.status_code, answer.json()["code"]) == refusal
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
    assert ("www-authenticate" in answer.headers) == (answer.status_code == 401)
    assert dispatch.seen == []


@pytest.mark.parametrize("header", ["", "Bearer", "Basic abc", "Bearer a.b.c", "Bearer é"])
async def test_no_token_or_rubbish_is_401(gateway: Start, dispatch: StandIn, header: str) -> None:
    async with gateway() as http:
        answer = await http.get("/v1/calls/1", headers={"Authorization": header.encode()})  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert dispatch.seen == []


async def test_a_public_path_asks_for_no_token_and_only_to_read(gateway: Start, dispatch: StandIn) -> None:
    async with gateway("none") as http:
        assert (await http.get("/v1/calendar-feeds/somewhere~secret.ics")).status_code == 200
        seen = len(dispatch.seen)
        assert (await http.post("/v1/calendar-feeds/somewhere~secret.ics")).status_code == 401
        assert (await http.get("/v1/calendar-feedsx/1")).status_code in (401, 404)
    assert seen == len(dispatch.seen) == 1


async def test_a_token_signed_by_somebody_else_is_refused(
    gateway: Start, tmp_path_factory: pytest.TempPathFactory
) -> None:
    forger = Issuer(tmp_path_factory.mktemp("forger"))
    async with gateway(forger.token("calls:read")) as http:
        assert (await http.get("/v1/calls/1")).status_code == 401


async def test_the_territory_header_must_agree(gateway: Start, dispatch: StandIn) -> None:
    async with gateway() as http:
        wrong = await http.get("/v1/calls/1", headers={"X-Territory": "marches-de-bretagne"})
        right = await http.get("/v1/calls/1", headers={"X-Territory": "pays-de-redon"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "territory_forbidden")
    assert (right.status_code, dispatch.seen) == (200, ["/v1/calls/1"])


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/callsign", "/v1", "/v1/", "/v2/calls", "/elsewhere"])
async def test_a_path_that_nobody_owns_is_a_404(gateway: Start, path: str) -> None:
    async with gateway() as http:
        answer = await http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "target", ["/v1/calls/../../internal", "/v1/calls/%2e%2e/%2e%2e/internal", "/v1/calls//internal"]
)
async def test_a_path_leads_to_nothing_but_itself(gateway: Start, dispatch: StandIn, target: str) -> None:
    async with gateway() as http:
        answer = await http.get("/v1/calls", extensions={"target": target.encode()})
    assert answer.json()["target"] == f"{target}?"
    assert dispatch.seen[0].startswith("/v1/calls/")


async def test_a_client_over_its_limit_waits_and_others_do_not(
    gateway: Start, issuer: Issuer, dispatch: StandIn, tmp_path: Path
) -> None:
    limits = tmp_path / "limits.yaml"
    limits.write_text("version: test\nclasses: {machine: 1000/second, person: 3/hour}\n")
    other = {"Authorization": f"Bearer {issuer.token('calls:read', sub='another')}"}
    machine = {"Authorization": f"Bearer {issuer.token('calls:read', client_class='machine')}"}
    async with gateway(limits_file=limits) as http:
        answers = [await http.get("/v1/calls/1") for _ in range(5)]
        assert (await http.get("/v1/calls/1", headers=other)).status_code == 200
        assert {(await http.get("/v1/calls/1", headers=machine)).status_code for _ in range(20)} == {200}
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    refused = answers[-1]
    assert refused.json()["code"] == "rate_limited"
    assert refused.headers["ratelimit-policy"] == '"person";q=3;w=3600'
    assert refused.headers["ratelimit"].startswith('"person";r=0;t=')
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    assert len(dispatch.seen) == 3 + 1 + 20


async def test_a_scope_that_changes_with_a_restart_is_learnt(gateway: Start, dispatch: StandIn) -> None:
    async with gateway() as http:
        assert (await http.get("/v1/calls/1")).status_code == 200
        dispatch.scope = "calls:audit"

        async def refused() -> bool:
            return (await http.get("/v1/calls/1")).status_code == 403

        await until(refused)


async def test_a_browser_of_a_named_origin_may_ask_and_another_may_not(gateway: Start) -> None:
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    async with gateway(cors_origins="https://front.example") as http:
        allowed = await http.options("/v1/calls", headers={"Origin": "https://front.example", **preflight})
        other = await http.options("/v1/calls", headers={"Origin": "https://other.example", **preflight})
        refused = await http.get(
            "/v1/calls/1", headers={"Origin": "https://front.example", "Authorization": "Bearer x"}
        )
    assert allowed.headers["access-control-allow-origin"] == "https://front.example"
    assert "access-control-allow-origin" not in other.headers
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "https://front.example")
