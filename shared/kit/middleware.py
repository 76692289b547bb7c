"""Around every request: its ids, its place in the metrics, a log line when it is refused or slow."""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit.context import Trace, current_trace, new_trace
from kit.metrics import observe

log = structlog.get_logger("request")

SLOW_SECONDS = 1.0
_PROBES = frozenset({"/livez", "/readyz", "/metrics"})


class RequestMiddleware:
    """Plain ASGI: a wrapped Request object per layer would cost more than the routes."""

    def __init__(self, app: ASGIApp, log_all: bool = False) -> None:
        self._app, self._log_all = app, log_all

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace, started, status, streams = _trace(scope), time.perf_counter(), 500, False
        current_trace.set(trace)

        async def send_with_id(message: Message) -> None:
            nonlocal status, streams
            if message["type"] == "http.response.start":
                status = message["status"]
                # A stream of events is answered when it begins: how long a client listens says nothing of the service.
                streams = _is_stream(message)
                message["headers"] = [*message["headers"], (b"x-request-id", trace.request_id.encode())]
                if streams:
                    self._account(scope, status, started)
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            if not streams:
                self._account(scope, status, started)

    def _account(self, scope: Scope, status: int, started: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        seconds = observe(scope["method"], route, status, started)
        if scope["path"] in _PROBES:
            return
        if self._log_all or status >= 500 or seconds > SLOW_SECONDS or status in (401, 403):
            log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))


def _is_stream(start: Message) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream") for name, value in start["headers"]
    )


def _trace(scope: Scope) -> Trace:
    wanted = {b"x-request-id": "", b"x-correlation-id": "", b"traceparent": ""}
    for name, value in scope["headers"]:
        if name in wanted:
            wanted[name] = value.decode("latin-1")
    return new_trace(*wanted.values())
