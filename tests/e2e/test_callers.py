"""The wrong caller is refused on every route, by the gateway and by each service called directly."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from contracts.examples import an_ed_call
from gateway.routing import RouteTable
from local_stack.stack import Stack
from tests.e2e.calls import Token, keyed

METHODS = ("get", "post", "put", "patch", "delete")
ID = "00000000-0000-7000-8000-000000000000"

ROUTES = RouteTable.load()
"""Says what asks for no token: where the address is the secret (ADR 17). Tests of its service say what it refuses."""

WRONG = {
    "no token": (None, {401}, {"token_missing"}),
    "not a token": ("x.y.z", {401}, {"token_invalid"}),
    "expired": ({"ttl": -60}, {401}, {"token_expired"}),
    "a territory that is not served": ({"territory": "nowhere"}, {403}, {"territory_unknown"}),
    "no scope": ({"scope": ""}, {403}, {"scope_missing"}),
}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item and path.startswith("/v1/") and not ROUTES.public(path, method.upper()):
                yield method.upper(), re.sub(r"\{[^}]+\}", ID, path)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("door", ["gateway", "directory", "snp-dispatch", "pathways", "indicators"])
async def test_every_route_refuses(stack: Stack, token: Token, door: str, wrong: str) -> None:
    claims, statuses, codes = WRONG[wrong]
    # A machine: a person may not ask for so many routes in a second.
    bearer = claims if isinstance(claims, str) else token("ed", **claims) if claims is not None else None
    headers = keyed() | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
    url = stack.gateway_url if door == "gateway" else stack.report.service_urls[door]
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        routes = list(operations((await http.get("/openapi.json")).json()))
        assert len(routes) >= 5
        for method, path in routes:
            body = {"json": {}} if method in {"POST", "PUT", "PATCH"} else {}
            answer = await http.request(method, path, headers=headers, **body)  # type: ignore[arg-type]
            assert answer.status_code in statuses, (door, method, path, answer.text)
            assert answer.json()["code"] in codes, (door, method, path, answer.text)


async def test_another_territory_does_not_see_an_ed_call(stack: Stack, token: Token) -> None:
    async with httpx.AsyncClient(base_url=stack.gateway_url, timeout=30) as http:
        mine = {"Authorization": f"Bearer {token('ed')}"}
        theirs = {"Authorization": f"Bearer {token('ed', territory='marches-de-bretagne')}"}
        call = (await http.post("/v1/calls", json=an_ed_call(), headers=mine | keyed())).json()
        assert (await http.get(f"/v1/calls/{call['id']}", headers=mine)).status_code == 200
        for url in (stack.gateway_url, stack.report.service_urls["snp-dispatch"]):
            answer = await http.get(f"{url}/v1/calls/{call['id']}", headers=theirs)
            assert answer.status_code == 404
            slots = (await http.get(f"{url}/v1/slots", headers=theirs)).json()
            assert slots["items"] == []
