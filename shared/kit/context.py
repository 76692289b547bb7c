"""What follows a request or a message through the code: ids for logs, events and calls to others."""

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}\Z")
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z")


@dataclass(frozen=True)
class Trace:
    """Ids of the work at hand. `correlation_id` crosses services; `request_id` is this hop's."""

    request_id: str
    correlation_id: str
    traceparent: str

    @property
    def trace_id(self) -> str:
        return self.traceparent[3:35]


def new_traceparent() -> str:
    """A W3C trace context for work that nobody else started."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def new_trace(
    request_id: str | None = None, correlation_id: str | None = None, traceparent: str | None = None
) -> Trace:
    """Takes over ids given from outside when they are well formed, makes the others."""
    request = request_id if request_id and _SANE_ID.match(request_id) else secrets.token_hex(12)
    correlation = correlation_id if correlation_id and _SANE_ID.match(correlation_id) else request
    if traceparent and _TRACEPARENT.match(traceparent):
        return Trace(request, correlation, traceparent)
    return Trace(request, correlation, new_traceparent())


current_trace: ContextVar[Trace | None] = ContextVar("current_trace", default=None)
