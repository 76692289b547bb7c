"""Prometheus metrics: requests by route template, never by URL (a URL could name a patient's record)."""

import time

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import Response

REQUESTS = Histogram(
    "cpts_http_request_seconds",
    "Time to answer, by route template and status",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

REFUSED_MESSAGES = Counter(
    "cpts_signed_messages_refused_total",
    "Signed messages that were not taken, by what they are for and why",
    ["use", "why"],
)


def observe(method: str, route: str, status: int, started: float) -> float:
    """Counts one request that began at `started` (time.perf_counter()); answers its seconds."""
    seconds = time.perf_counter() - started
    REQUESTS.labels(method, route, str(status)).observe(seconds)
    return seconds


async def metrics(_: Request) -> Response:
    """`GET /metrics`."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
