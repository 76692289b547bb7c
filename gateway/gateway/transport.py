"""One exchange with a service over the pool of kept connections."""

import asyncio
from dataclasses import dataclass

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from gateway.bodies import SMALL, RequestBody
from gateway.upstreams import Upstream
from kit.problems import Problem

_SAFE_TO_REPEAT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_KEPT_SECONDS = 30
"""Shorter than the services keep an idle connection (kit.app.serve: 75 s), so that we are the ones who close it."""


def new_client(connections_per_service: int) -> aiohttp.ClientSession:
    """A session that adds nothing of its own to a request and takes nothing away from an answer."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0, limit_per_host=connections_per_service, keepalive_timeout=_KEPT_SECONDS, ttl_dns_cache=10
        ),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=2),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
    )


def unavailable(service: str, status: int, detail: str) -> Problem:
    """503 when the service is not there, 504 when it does not answer in time."""
    return Problem(status, "service_unavailable", detail, headers={"Retry-After": "1"}, service=service)


@dataclass(frozen=True)
class Outgoing:
    """A request as it goes to the service. `target` is path and query as the client wrote them."""

    method: str
    target: str
    headers: CIMultiDict[str]
    body: RequestBody

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does no more than once. A POST says so by its Idempotency-Key."""
        return not self.body.streamed and (self.method in _SAFE_TO_REPEAT or "Idempotency-Key" in self.headers)


async def ask(
    client: aiohttp.ClientSession, upstream: Upstream, request: Outgoing, seconds: float | None
) -> aiohttp.ClientResponse:
    """The answer, read to its end when it is small; the body of a long one is still to be read.

    Raises Problem 503 or 504 that names the service, or what stopped the request's own body.
    """
    try:
        async with asyncio.timeout(seconds):
            response = await _send(client, upstream, request)
            if response.content_length is not None and response.content_length <= SMALL:
                await response.read()
            return response
    except TimeoutError:
        if not request.body.complete:
            raise Problem(408, "request_timeout", f"The body did not arrive within {seconds} s") from None
        raise unavailable(upstream.name, 504, f"{upstream.name} did not answer in time") from None
    except (aiohttp.ClientError, OSError):
        if request.body.failure is not None:
            raise request.body.failure from None
        upstream.doubt()
        raise unavailable(upstream.name, 503, f"{upstream.name} is not available") from None


async def _send(client: aiohttp.ClientSession, upstream: Upstream, request: Outgoing) -> aiohttp.ClientResponse:
    url = URL(upstream.base_url + request.target, encoded=True)
    content = await request.body.content()
    try:
        return await client.request(request.method, url, headers=request.headers, data=content, allow_redirects=False)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
        # A kept connection may turn out to be dead only when it is used: once more, on another one.
        if not request.repeatable:
            raise
        return await client.request(request.method, url, headers=request.headers, data=content, allow_redirects=False)
