"""Which headers cross the gateway, and which it writes itself."""

from collections.abc import Iterable

from multidict import CIMultiDict
from starlette.types import Scope

from kit.context import current_trace

RawHeaders = Iterable[tuple[bytes, bytes]]

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
"""RFC 9110 section 7.6.1: they concern one connection only."""

_INTERNAL = (b"forwarded", b"x-forwarded-", b"x-real-ip", b"x-internal-", b"x-cpts-")
"""What only the gateway may tell a service. A client that sends one of these is not believed."""

_NOT_TO_SERVICE = _HOP_BY_HOP | {b"host", b"expect", b"x-request-id", b"x-correlation-id", b"traceparent"}
_NOT_TO_CLIENT = _HOP_BY_HOP | {b"date", b"server", b"x-request-id"}


def to_service(scope: Scope, headers: dict[bytes, bytes]) -> CIMultiDict[str]:
    """The request's headers as the service sees them. `headers` holds the last value of each name."""
    named = _named_by_connection(headers.get(b"connection", b""))
    sent: CIMultiDict[str] = CIMultiDict(
        (name.decode("latin-1"), value.decode("utf-8", "surrogateescape"))
        for name, value in scope["headers"]
        if name not in _NOT_TO_SERVICE and name not in named and not name.startswith(_INTERNAL)
    )
    trace = current_trace.get()
    if trace is not None:
        sent["X-Request-Id"] = trace.request_id
        sent["X-Correlation-Id"] = trace.correlation_id
        sent["traceparent"] = trace.traceparent
    sent["X-Forwarded-Proto"] = scope["scheme"]
    if b"host" in headers:
        sent["X-Forwarded-Host"] = headers[b"host"].decode("latin-1")
    if scope.get("client"):
        sent["X-Forwarded-For"] = scope["client"][0]
    return sent


def to_client(raw: RawHeaders) -> list[tuple[bytes, bytes]]:
    """The answer's headers as the client sees them. The server adds the date, the middleware the request id."""
    lowered = [(name.lower(), value) for name, value in raw]
    named = _named_by_connection(dict(lowered).get(b"connection", b""))
    return [(name, value) for name, value in lowered if name not in _NOT_TO_CLIENT and name not in named]


def _named_by_connection(value: bytes) -> list[bytes]:
    return [name.strip().lower() for name in value.split(b",")]
