"""The services behind the gateway: where they are, what they offer, whether they are ready."""

import asyncio
from collections.abc import Iterator
from typing import Any

import aiohttp
import orjson
import structlog

from gateway.operations import Operations

log = structlog.get_logger(__name__)

_RETRY_SECONDS = 0.25
_DOCUMENT_TIMEOUT = aiohttp.ClientTimeout(total=10)
_READY_TIMEOUT = aiohttp.ClientTimeout(total=2)
_ABSENT = (aiohttp.ClientError, TimeoutError, ValueError)


class Upstream:
    """One service. Its last known operations stay in use while it is down, as does its last known document."""

    def __init__(self, name: str, base_url: str) -> None:
        self.name, self.base_url = name, base_url
        self.document: dict[str, Any] | None = None
        self.operations: Operations | None = None
        self._known = b""
        self._doubted = asyncio.Event()

    def doubt(self) -> None:
        """An exchange failed: the service may have restarted with other routes, so look at once."""
        self._doubted.set()

    async def doubted(self, seconds: float) -> None:
        """Waits until somebody doubts, at most this long."""
        try:
            async with asyncio.timeout(seconds):
                await self._doubted.wait()
        except TimeoutError:
            return

    def learn(self, text: bytes) -> bool:
        """Takes over the operations of a service. Answers whether they are others than before. Raises ValueError."""
        self._doubted.clear()
        if text == self._known:
            return False
        try:
            self.operations = Operations(orjson.loads(text))
        except (AttributeError, TypeError) as error:
            raise ValueError(f"not the operations of a service: {error}") from None
        self._known = text
        return True


class Upstreams:
    """All services."""

    def __init__(self, upstreams: list[Upstream], client: aiohttp.ClientSession, refresh_seconds: float) -> None:
        self._by_name = {upstream.name: upstream for upstream in upstreams}
        self._client, self._refresh_seconds = client, refresh_seconds

    def __getitem__(self, name: str) -> Upstream:
        return self._by_name[name]

    def __iter__(self) -> Iterator[Upstream]:
        return iter(self._by_name.values())

    async def watch(self) -> None:
        """Asks every service for its operations until they are there, then again from time to time, for ever."""
        async with asyncio.TaskGroup() as group:
            for upstream in self:
                group.create_task(self._watch(upstream))

    async def documents(self) -> dict[str, dict[str, Any]]:
        """The OpenAPI document of each service, by name; the last known one of a service that is down."""
        await asyncio.gather(*(self._describe(upstream) for upstream in self))
        return {upstream.name: upstream.document for upstream in self if upstream.document}

    async def not_ready(self) -> dict[str, str]:
        """The services that cannot serve now, each with the reason."""
        reasons = await asyncio.gather(*(self._reason(upstream) for upstream in self))
        return {upstream.name: reason for upstream, reason in zip(self, reasons, strict=True) if reason}

    async def _watch(self, upstream: Upstream) -> None:
        while True:
            if await self._refresh(upstream):
                await upstream.doubted(self._refresh_seconds)
            else:
                await asyncio.sleep(_RETRY_SECONDS)

    async def _refresh(self, upstream: Upstream) -> bool:
        try:
            changed = upstream.learn(await self._read(upstream, "/operations.json"))
        except _ABSENT as error:
            log.debug("no operations yet", upstream=upstream.name, error=type(error).__name__)
            return False
        if changed:
            log.info("routes learnt", upstream=upstream.name)
        return True

    async def _describe(self, upstream: Upstream) -> None:
        try:
            upstream.document = orjson.loads(await self._read(upstream, "/openapi.json"))
        except _ABSENT as error:
            log.warning("no OpenAPI document", upstream=upstream.name, error=type(error).__name__)

    async def _read(self, upstream: Upstream, path: str) -> bytes:
        url = upstream.base_url + path
        async with self._client.get(url, timeout=_DOCUMENT_TIMEOUT, raise_for_status=True) as response:
            return await response.read()

    async def _reason(self, upstream: Upstream) -> str | None:
        try:
            async with self._client.get(f"{upstream.base_url}/readyz", timeout=_READY_TIMEOUT) as response:
                text = await response.text()
                if response.status != 200:
                    return f"answers {response.status}: {text[:500]}"
        except _ABSENT as error:
            return f"does not answer: {type(error).__name__}"
        return None if upstream.operations else "its operations are not known yet"
