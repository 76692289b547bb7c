"""The way through: who asks, for what, may they; then the exchange with the service that owns the path.

Raw ASGI on purpose: a FastAPI route around an HTTP client costs nine tenths of the throughput (docs/adr).
"""

import asyncio

import aiohttp
import structlog
from prometheus_client import Counter
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway import headers as crossing
from gateway.bodies import ClientGone, RequestBody
from gateway.limits import RateLimiter
from gateway.routing import RouteTable
from gateway.transport import Outgoing, ask
from gateway.upstreams import Upstream, Upstreams
from kit.auth import Caller, Verifier
from kit.problems import Problem

log = structlog.get_logger(__name__)

REFUSALS = Counter("cpts_gateway_refusals", "Requests that the gateway answered itself", ["code"])


NOBODY = Caller("nobody", "", frozenset())
"""Who reads a public path; all of them share one limit."""


class Crossing:
    """Middleware that takes `/v1` out before FastAPI looks for a route, which would cost a third of the way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inside = scope["type"] != "lifespan" and scope["path"].startswith("/v1/")
        await (scope["app"].state.forwarder if inside else self._app)(scope, receive, send)


class Forwarder:
    """ASGI application for `/v1`, inside kit.middleware.RequestMiddleware."""

    def __init__(
        self,
        client: aiohttp.ClientSession,
        streams: aiohttp.ClientSession,
        table: RouteTable,
        upstreams: Upstreams,
        *,
        verifier: Verifier,
        limiter: RateLimiter,
    ) -> None:
        self._client, self._streams, self._table, self._upstreams = client, streams, table, upstreams
        self._stopping = asyncio.Event()
        self._verifier, self._limiter = verifier, limiter

    def stop(self) -> None:
        """Ends the streams of events, whose clients come back to the next process."""
        self._stopping.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008, "reason": "HTTP only"})
            return
        try:
            response, body = await self._exchange(scope, receive)
        except Problem as problem:
            REFUSALS.labels(problem.code).inc()
            await problem.response()(scope, receive, send)
        except ClientGone:
            log.info("client hung up", path=_label(scope))
        else:
            try:
                await _answer(response, body, send, _label(scope), self._stopping if body.terms.stream else None)
            finally:
                response.release()

    async def _exchange(self, scope: Scope, receive: Receive) -> tuple[aiohttp.ClientResponse, RequestBody]:
        owner = self._table.owner(scope["path"])
        if owner is None:
            raise Problem(404, "not_found", "No service answers this path")
        upstream, headers = self._upstreams[owner], dict(scope["headers"])
        self._admit(scope, headers, upstream)
        terms = self._table.terms(owner, scope["path"], scope["method"])
        body = RequestBody(headers, receive, terms)
        sent = crossing.to_service(scope, headers)
        outgoing = Outgoing(scope["method"], _target(scope), sent, body)
        client = self._streams if terms.stream else self._client
        return await ask(client, upstream, outgoing, terms.timeout_seconds), body

    def _admit(self, scope: Scope, headers: dict[bytes, bytes], upstream: Upstream) -> None:
        """Raises Problem 401, 403 or 429."""
        if self._table.public(scope["path"], scope["method"]):
            caller = NOBODY
        else:
            caller = self._verifier.caller(_text(headers, b"authorization"), _text(headers, b"x-territory"))
        self._limiter.count(caller)
        operation = upstream.operations.find(scope["method"], scope["path"]) if upstream.operations else None
        if operation is not None:
            scope["route"] = operation  # what metrics and logs call this request
            operation.authorise(caller)


async def _answer(
    response: aiohttp.ClientResponse, body: RequestBody, send: Send, label: str, stopping: asyncio.Event | None
) -> None:
    kept = crossing.to_client(response.raw_headers)
    await send({"type": "http.response.start", "status": response.status, "headers": kept})
    if response.content.is_eof():
        await send({"type": "http.response.body", "body": await response.read()})
    else:
        await _stream(response, body, send, label, stopping)


async def _stream(
    response: aiohttp.ClientResponse, body: RequestBody, send: Send, label: str, stopping: asyncio.Event | None
) -> None:
    """Passes a long answer on until its end, until the client hangs up or, of one without end, until the stop."""
    pump = asyncio.create_task(_pump(response, send, label))
    if not body.complete:
        # The request's body is still being read: only one reader of the client's side at a time.
        await pump
        return
    waits = [pump, asyncio.create_task(body.hung_up())]
    if stopping is not None:
        waits.append(asyncio.create_task(_until(stopping)))
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        ended = not pump.done() and stopping is not None and stopping.is_set()
    finally:
        for task in waits:
            task.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
    if ended:
        await send({"type": "http.response.body", "body": b""})


async def _until(stopping: asyncio.Event) -> None:
    await stopping.wait()


async def _pump(response: aiohttp.ClientResponse, send: Send, label: str) -> None:
    try:
        async for piece in response.content.iter_any():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    except (aiohttp.ClientError, OSError) as error:
        # The head is gone: leaving the body unfinished is the only way to tell the client that it is.
        log.warning("answer broken off", path=label, error=type(error).__name__)
        return
    await send({"type": "http.response.body", "body": b""})


def _label(scope: Scope) -> str:
    return getattr(scope.get("route"), "path", "unmatched")


def _text(headers: dict[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return value.decode("latin-1") if value is not None else None


def _target(scope: Scope) -> str:
    """Path and query exactly as on the request line."""
    query: bytes = scope["query_string"]
    raw: bytes = scope["raw_path"] + (b"?" + query if query else b"")
    return raw.decode("latin-1")
