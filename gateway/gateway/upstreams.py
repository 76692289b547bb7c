"""The services behind the gateway: where they are, what they document, whether they are ready."""

import asyncio
import hashlib
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
    """One service. Its last known document stays in use while it is down."""

    def __init__(self, name: str, base_url: str) -> None:
        self.name, self.base_url = name, base_url
        self.document: dict[str, Any] | None = None
        self.operations: Operations | None = None
        self._digest = b""
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
        """Takes over an OpenAPI document. Answers whether it is another than before. Raises ValueError."""
        self._doubted.clear()
        digest = hashlib.sha256(text).digest()
        if digest == self._digest:
            return False
        document = orjson.loads(text)
        try:
            operations = Operations(document)
        except (AttributeError, TypeError) as error:
            raise ValueError(f"not an OpenAPI document: {error}") from None
        self.operations, self.document, self._digest = operations, document, digest
        return True


class Upstreams:
    """All services. `revision` grows whenever one of their documents changes."""

    def __init__(self, upstreams: list[Upstream], client: aiohttp.ClientSession, refresh_seconds: float) -> None:
        self._by_name = {upstream.name: upstream for upstream in upstreams}
        self._client, self._refresh_seconds = client, refresh_seconds
        self.revision = 0

    def __getitem__(self, name: str) -> Upstream:
        return self._by_name[name]

    def __iter__(self) -> Iterator[Upstream]:
        return iter(self._by_name.values())

    async def watch(self) -> None:
        """Reads every document until it is there, then again from time to time. Runs until cancelled."""
        async with asyncio.TaskGroup() as group:
            for upstream in self:
                group.create_task(self._watch(upstream))

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
            url = f"{upstream.base_url}/openapi.json"
            async with self._client.get(url, timeout=_DOCUMENT_TIMEOUT, raise_for_status=True) as response:
                changed = upstream.learn(await response.read())
        except _ABSENT as error:
            log.debug("no OpenAPI document yet", upstream=upstream.name, error=type(error).__name__)
            return False
        if changed:
            self.revision += 1
            log.info("routes learnt", upstream=upstream.name, paths=len((upstream.document or {}).get("paths", {})))
        return True

    async def _reason(self, upstream: Upstream) -> str | None:
        try:
            async with self._client.get(f"{upstream.base_url}/readyz", timeout=_READY_TIMEOUT) as response:
                text = await response.text()
                if response.status != 200:
                    return f"answers {response.status}: {text[:500]}"
        except _ABSENT as error:
            return f"does not answer: {type(error).__name__}"
        return None if upstream.document else "its OpenAPI document is not loaded yet"
