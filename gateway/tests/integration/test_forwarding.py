"""What crosses the gateway, in both directions, arrives as it was sent."""

import asyncio
import gzip
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from standin.service import StandIn

from kit.testing.harness import Issuer

Start = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


def received(answer: httpx.Response) -> dict[str, str]:
    """The headers that the service saw."""
    return dict(answer.json()["headers"])


async def test_path_query_and_body_arrive_as_written(gateway: Start) -> None:
    async with gateway() as http:
        answer = await http.post("/v1/calls/a%2Fb%20c?q=%C3%A9&q=2&empty=", content=b'{"a": 1}')
    assert answer.json()["target"] == "/v1/calls/a%2Fb%20c?q=%C3%A9&q=2&empty="
    assert answer.json()["body"] == '{"a": 1}'


async def test_each_prefix_reaches_its_owner(gateway: Start) -> None:
    async with gateway() as http:
        assert (await http.get("/v1/calls")).json()["service"] == "snp-dispatch"
        assert (await http.get("/v1/professionals/99000000016")).json()["service"] == "directory"


@pytest.mark.parametrize("status", [200, 201, 202, 404, 409, 410, 422, 500, 503])
async def test_the_services_answer_passes_unchanged(gateway: Start, status: int) -> None:
    async with gateway() as http:
        answer = await http.get(f"/v1/calls/1?status={status}")
    assert answer.status_code == status
    assert answer.headers["location"] == "/v1/calls/1"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["content-type"] == "application/json"


async def test_a_compressed_answer_stays_so_and_no_header_is_lost(gateway: Start) -> None:
    async with gateway() as http, http.stream("GET", "/v1/calls/zipped") as answer:
        packed = b"".join([piece async for piece in answer.aiter_raw()])
    assert gzip.decompress(packed) == b"plain text"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD"])
async def test_every_method_passes(gateway: Start, dispatch: StandIn, method: str) -> None:
    async with gateway() as http:
        answer = await http.request(method, "/v1/calls/7")
    assert answer.status_code == 200
    assert dispatch.seen == ["/v1/calls/7"]


async def test_hop_by_hop_and_internal_headers_stop_here(gateway: Start) -> None:
    sent = {
        "Connection": "close, X-Private",
        "X-Private": "1",
        "TE": "trailers",
        "Forwarded": "for=1.2.3.4",
        "X-Forwarded-For": "1.2.3.4",
        "X-Real-IP": "1.2.3.4",
        "X-Internal-Caller": "root",
        "X-Kept": "yes",
    }
    async with gateway() as http:
        answer = await http.get("/v1/calls/1", headers=sent)
    got = received(answer)
    assert got["x-kept"] == "yes"
    assert got["x-forwarded-for"] == "127.0.0.1"
    assert got["x-forwarded-proto"] == "http"
    assert got["x-forwarded-host"] == http.base_url.netloc.decode()
    assert got.keys().isdisjoint({"x-private", "te", "forwarded", "x-real-ip", "x-internal-caller"})
    assert "keep-alive" not in answer.headers


async def test_a_sane_request_id_is_kept_and_returned(gateway: Start) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    sent = {"X-Request-Id": "abc-1", "X-Correlation-Id": "visit-7", "traceparent": trace}
    async with gateway() as http:
        answer = await http.get("/v1/calls/1", headers=sent)
    got = received(answer)
    assert (got["x-request-id"], got["x-correlation-id"], got["traceparent"]) == ("abc-1", "visit-7", trace)
    assert answer.headers.get_list("x-request-id") == ["abc-1"]


@pytest.mark.parametrize("wrong", ["a b", "x" * 200, "<script>"])
async def test_a_strange_request_id_is_replaced(gateway: Start, wrong: str) -> None:
    async with gateway() as http:
        answer = await http.get("/v1/calls/1", headers={"X-Request-Id": wrong, "traceparent": wrong})
    got = received(answer)
    assert got["x-request-id"] == answer.headers["x-request-id"] != wrong
    assert got["x-correlation-id"] == got["x-request-id"]
    assert got["traceparent"].startswith("00-")


@pytest.mark.parametrize("sized", [True, False])
async def test_an_upload_flows_through_without_being_kept(
    gateway: Start, directory: StandIn, issuer: Issuer, sized: bool
) -> None:
    pieces = [os.urandom(256 * 1024) for _ in range(40)]

    async def content() -> AsyncIterator[bytes]:
        yield pieces[0]
        # Nothing more is sent until the service has the beginning: a gateway that waits for the end hangs here.
        await asyncio.wait_for(directory.first_piece.wait(), 10)
        for piece in pieces[1:]:
            yield piece

    whole = b"".join(pieces)
    headers = {"Content-Length": str(len(whole))} if sized else {}
    async with gateway(issuer.token("directory:import")) as http:
        answer = await http.post("/v1/imports/rpps", content=content(), headers=headers)
    assert answer.status_code == 202
    assert answer.json() == {"size": len(whole), "sha256": hashlib.sha256(whole).hexdigest()}


async def test_an_answer_flows_through_as_it_is_written(gateway: Start, dispatch: StandIn) -> None:
    async with gateway() as http, http.stream("GET", "/v1/calls/stream") as answer:
        pieces = answer.aiter_bytes()
        first = await anext(pieces)
        # The service writes the rest only now: a gateway that waits for the end never comes this far.
        dispatch.go_on.set()
        rest = [piece async for piece in pieces]
    assert (first, b"".join(rest)) == (b"first,", b"second")


async def test_an_endless_answer_stops_when_the_client_leaves(
    gateway: Start, dispatch: StandIn, tmp_path: Path
) -> None:
    async with gateway(routes_file=routes(tmp_path, timeout_seconds=0.3)) as http:
        async with http.stream("GET", "/v1/calls/forever") as answer:
            lines = answer.aiter_lines()
            # Longer than the time-out, which counts until the head only.
            for _ in range(60):
                await anext(lines)
        await asyncio.wait_for(dispatch.left.wait(), 10)
    assert answer.headers["content-type"].startswith("text/event-stream")


async def test_a_body_over_the_limit_is_refused(gateway: Start, dispatch: StandIn, tmp_path: Path) -> None:
    async def unsized() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    async with gateway(routes_file=routes(tmp_path, max_body_bytes=1_000_000)) as http:
        sized = await http.post("/v1/calls", content=b"x" * 1_000_001)
        streamed = await http.post("/v1/calls", content=unsized())
        fits = await http.post("/v1/calls", content=b"x" * 1_000_000)
    assert (sized.status_code, sized.json()["code"]) == (413, "body_too_large")
    assert (streamed.status_code, streamed.json()["code"]) == (413, "body_too_large")
    assert len(fits.json()["body"]) == 1_000_000


async def test_a_body_that_never_comes_is_a_408(gateway: Start, tmp_path: Path, issuer: Issuer) -> None:
    async with gateway(routes_file=routes(tmp_path, timeout_seconds=0.2)) as http:
        reader, writer = await asyncio.open_connection("127.0.0.1", http.base_url.port)
        head = f"POST /v1/calls HTTP/1.1\r\nHost: x\r\n{authorization(issuer)}\r\nContent-Length: 10\r\n\r\nhalf"
        writer.write(head.encode())
        assert b" 408 " in await reader.readline()
        writer.close()


async def test_many_clients_at_once_each_get_their_own_answer(gateway: Start) -> None:
    async with gateway() as http:
        answers = await asyncio.gather(*(http.post("/v1/calls", content=str(n)) for n in range(100)))
    assert [answer.json()["body"] for answer in answers] == [str(n) for n in range(100)]


def authorization(issuer: Issuer) -> str:
    return f"Authorization: Bearer {issuer.token('calls:write')}"


def routes(folder: Path, **changes: Any) -> Path:
    """A routes file with other general terms."""
    terms = {"timeout_seconds": 15, "max_body_bytes": 1_000_000, **changes}
    path = folder / "routes.yaml"
    path.write_text(
        "version: test\n"
        + "".join(f"{name}: {value}\n" for name, value in terms.items())
        + "services:\n  - {name: directory, prefixes: [/v1/imports]}\n"
        + "  - {name: snp-dispatch, prefixes: [/v1/calls]}\n"
    )
    return path


async def test_streams_of_events_take_no_ordinary_connection(gateway: Start) -> None:
    """Three clients listen for ever where one connection to the service is allowed: the others are still answered."""
    async with gateway(connections_per_service=1) as http, AsyncExitStack() as stack:
        for _ in range(3):
            stream = await stack.enter_async_context(http.stream("GET", "/v1/calls/7/events"))
            assert await anext(stream.aiter_lines()) == "data: tick"
        assert (await http.get("/v1/calls/7", timeout=5)).status_code == 200


async def test_streams_of_events_end_cleanly_at_the_stop(gateway: Start) -> None:
    async with gateway() as http, http.stream("GET", "/v1/calls/7/events") as stream:
        lines = stream.aiter_lines()
        assert await anext(lines) == "data: tick"
        http.gateway.state.forwarder.stop()  # type: ignore[attr-defined]
        async with asyncio.timeout(5):
            # No error: the end of a chunked answer that is whole.
            assert {line async for line in lines} <= {"", "data: tick"}
