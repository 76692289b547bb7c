"""The connection to NATS JetStream, and the streams."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import nats
import nats.js.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import RetentionPolicy, StorageType, StreamConfig

from contracts.registry import DEAD_LETTERS, EVENTS, STREAMS

log = structlog.get_logger(__name__)

DUPLICATE_WINDOW = 600.0
"""Seconds in which JetStream recognises an event id that it already has."""

DAY = 86_400.0


class Bus:
    """One connection for a process. It reconnects by itself, for ever."""

    def __init__(self, client: Client, service: str) -> None:
        self.client, self.service = client, service
        self.jetstream: JetStreamContext = client.jetstream(timeout=5)

    @classmethod
    async def connect(cls, url: str, service: str, process: str) -> "Bus":
        """Connects, waiting for the server as long as it takes."""
        client = await nats.connect(
            url,
            name=process,
            inbox_prefix=f"_INBOX_{service}".encode(),
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.25,
            allow_reconnect=True,
            connect_timeout=2,
            ping_interval=5,
            max_outstanding_pings=2,
            error_cb=_logged("nats error"),
            disconnected_cb=_said("nats disconnected"),
            reconnected_cb=_said("nats reconnected"),
        )
        return cls(client, service)

    @property
    def connected(self) -> bool:
        return self.client.is_connected

    async def ensure_streams(self) -> None:
        """Creates the service's own stream and the dead letters where they are missing."""
        if self.service in STREAMS:
            await self._ensure(STREAMS[self.service], [f"cpts.*.{self.service}.>"], _retention(self.service))
        await self._ensure(DEAD_LETTERS, ["dlq.>"], 90 * DAY)

    async def _ensure(self, name: str, subjects: list[str], max_age: float) -> None:
        config = StreamConfig(
            name=name,
            subjects=subjects,
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            max_age=max_age,
            duplicate_window=DUPLICATE_WINDOW,
        )
        try:
            await self.jetstream.stream_info(name)
        except nats.js.errors.NotFoundError:
            await self.jetstream.add_stream(config)
            log.info("stream created", stream=name)

    async def close(self) -> None:
        """Sends what is buffered, then leaves. Consumers have stopped by themselves before."""
        with suppress(TimeoutError, nats.errors.Error):
            await self.client.flush(2)
        await self.client.close()


def _retention(service: str) -> float:
    return max(event.retention_days for event in EVENTS if event.owner == service) * DAY


def _logged(message: str) -> Callable[[Exception], Awaitable[None]]:
    async def callback(error: Exception) -> None:
        log.warning(message, error=str(error) or type(error).__name__)

    return callback


def _said(message: str) -> Callable[[], Awaitable[Any]]:
    async def callback() -> None:
        log.warning(message)

    return callback
