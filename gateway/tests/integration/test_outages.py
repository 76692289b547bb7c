"""A service that is down, slow or killed is named, and the others answer."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
from standin.service import StandIn

from kit.testing.harness import Issuer, until
from kit.testing.servers import free_port

Start = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


def named(answer: httpx.Response) -> tuple[int, str, str]:
    """Status, code and service of a refusal that may be tried again."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) >= 1
    return answer.status_code, answer.json()["code"], answer.json()["service"]


async def test_a_service_that_is_down_is_named_and_the_others_answer(gateway: Start) -> None:
    async with gateway() as http:
        down = await http.get("/v1/patients/1")
        up = await http.get("/v1/calls/1")
    assert named(down) == (503, "service_unavailable", "pathways")
    assert up.status_code == 200


async def test_a_service_that_is_slow_is_named(gateway: Start, tmp_path: Path) -> None:
    routes = tmp_path / "routes.yaml"
    routes.write_text(
        "version: test\ntimeout_seconds: 0.2\nmax_body_bytes: 1000\nservices:\n"
        "  - {name: snp-dispatch, prefixes: [/v1/calls]}\n  - {name: directory, prefixes: [/v1/imports]}\n"
    )
    async with gateway(routes_file=routes) as http:
        slow = await http.get("/v1/calls/slow")
        meanwhile = await http.get("/v1/calls/1")
    assert named(slow) == (504, "service_unavailable", "snp-dispatch")
    assert meanwhile.status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_service_killed_in_mid_request_is_named_and_found_again(
    gateway: Start, process: Any, method: str
) -> None:
    async with gateway(snp_dispatch_url=process.url) as http:
        killed = await http.request(method, "/v1/calls/die")
        assert named(killed) == (503, "service_unavailable", "snp-dispatch")
        await process.gone()
        assert named(await http.get("/v1/calls/1")) == (503, "service_unavailable", "snp-dispatch")
        assert (await http.get("/v1/professionals")).status_code == 200

        await process.start()
        assert (await http.get("/v1/calls/1")).json()["service"] == "snp-dispatch"


async def test_an_answer_cut_by_a_kill_does_not_look_whole(gateway: Start, process: Any) -> None:
    async with gateway(snp_dispatch_url=process.url) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            await http.get("/v1/calls/die-talking")
        assert named(await http.get("/v1/calls/1")) == (503, "service_unavailable", "snp-dispatch")


@pytest.mark.parametrize(("key", "statuses"), [({"Idempotency-Key": "1"}, [200, 200]), ({}, [200, 503])])
async def test_a_kept_connection_that_turns_out_dead_is_replaced_when_repeating_is_safe(
    gateway: Start, key: dict[str, str], statuses: list[int]
) -> None:
    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        last = b"operations.json" in head
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n%s\r\n{}" % (b"Connection: close\r\n" if last else b""))
        if not last:
            await reader.read(1)
        writer.close()

    server = await asyncio.start_server(answer_once, "127.0.0.1", free_port())
    host, port = server.sockets[0].getsockname()
    async with server, gateway(snp_dispatch_url=f"http://{host}:{port}", refresh_seconds=60) as http:
        assert [(await http.post("/v1/calls", headers=key)).status_code for _ in range(2)] == statuses


async def test_ready_only_when_every_service_is(
    gateway: Start, issuer: Issuer, dispatch: StandIn, directory: StandIn
) -> None:
    # The stand-ins play all four services.
    others = {"pathways_url": directory.url, "indicators_url": dispatch.url}
    async with gateway("", wait_for=4, **others) as http:
        assert (await http.get("/livez")).status_code == 200
        assert (await http.get("/readyz")).json() == {"status": "ready"}
        dispatch.ready = {"events of directory": "17 to apply"}
        behind = await http.get("/readyz")
        dispatch.ready = {}
        assert (await http.get("/readyz")).status_code == 200
    assert behind.status_code == 503
    assert behind.json()["not_ready"].keys() == {"snp-dispatch", "indicators"}
    assert "17 to apply" in behind.json()["not_ready"]["snp-dispatch"]


async def test_not_ready_names_what_is_absent_or_undocumented(gateway: Start, dispatch: StandIn) -> None:
    dispatch.documented = False
    async with gateway(wait_for=1) as http:
        first = (await http.get("/readyz")).json()["not_ready"]
        dispatch.documented = True

        async def learnt() -> bool:
            return "snp-dispatch" not in (await http.get("/readyz")).json()["not_ready"]

        await until(learnt)
    assert first["snp-dispatch"] == "its operations are not known yet"
    assert first["pathways"].startswith("does not answer")
    assert "directory" not in first


@pytest.mark.parametrize("garbage", ["", "<html>", "[]", '{"paths": 1}', '{"paths": {"/v1/calls": 1}}'])
async def test_a_document_that_is_none_does_not_stop_the_others(
    gateway: Start, dispatch: StandIn, directory: StandIn, garbage: str
) -> None:
    dispatch.garbage = garbage or "{"
    async with gateway(wait_for=1) as http:
        assert "snp-dispatch" in (await http.get("/readyz")).json()["not_ready"]
        dispatch.garbage, directory.scope = "", "directory:other"

        async def learnt() -> bool:
            paths = (await http.get("/openapi.json")).json()["paths"]
            changed = paths["/v1/professionals/{id}"]["get"]["security"] == [{"bearer": ["directory:other"]}]
            return changed and "/v1/calls/{id}" in paths

        await until(learnt)


async def test_without_the_document_the_service_decides_alone(
    gateway: Start, issuer: Issuer, dispatch: StandIn
) -> None:
    dispatch.documented = False
    async with gateway(issuer.token("slots:read"), wait_for=1) as http:
        assert (await http.get("/v1/calls/1")).json()["service"] == "snp-dispatch"
