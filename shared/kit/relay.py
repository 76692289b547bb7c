"""The relay: publishes what waits in the outbox. A task of every process that commits.

Woken in the process right after a commit, and by a timer in case another process died between its
commit and its publishing. Two relays share the work by `SKIP LOCKED`. A row published twice (a crash
between publishing and marking) is recognised by JetStream by its event id.
"""

import asyncio
from collections.abc import Sequence

import nats.errors
import structlog
from nats.js.api import PubAck

from kit.bus import Bus
from kit.database import Database
from kit.work import Record

log = structlog.get_logger(__name__)

BATCH = 500
PAUSE = 0.02
"""Seconds between two rounds: under load events travel together, and a lone one leaves at once."""

_TAKE = """
SELECT id, territory, type, subject, body, created_at FROM outbox
WHERE sent_at IS NULL ORDER BY seq LIMIT $1 FOR UPDATE SKIP LOCKED
"""
_SENT = """
WITH sent AS (UPDATE outbox SET sent_at = $2 WHERE id = ANY($1) RETURNING created_at, territory, type)
INSERT INTO outbox_daily (day, territory, type, sent)
SELECT (created_at AT TIME ZONE 'UTC')::date, territory, type, count(*) FROM sent GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
ON CONFLICT (day, territory, type) DO UPDATE SET sent = outbox_daily.sent + excluded.sent
"""


class Relay:
    """Runs until cancelled. `database` is the system role's; it need not be durable, a row may be sent twice."""

    def __init__(self, database: Database, bus: Bus, poll_seconds: float) -> None:
        self.database, self._bus, self._poll = database, bus, poll_seconds
        self._wake = asyncio.Event()
        self.failing: str | None = None

    def wake(self) -> None:
        """Called after a commit that added events."""
        self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wait()
            try:
                while await self.publish_batch() == BATCH:
                    pass
                self.failing = None
                await asyncio.sleep(PAUSE)
            except Exception as error:  # noqa: BLE001 - a relay never gives up: what waits is promised
                if self.failing is None:
                    log.warning("relay waits", error=type(error).__name__)
                self.failing = type(error).__name__
                await asyncio.sleep(min(self._poll, 0.5))
                self._wake.set()

    async def publish_batch(self) -> int:
        """Publishes up to 500 waiting events; answers how many. Raises what the servers raise."""
        if not self._bus.connected:
            raise nats.errors.ConnectionClosedError
        async with self.database.work("fr") as work:
            rows = await work.fetch(_TAKE, BATCH)
            if rows:
                await self._publish(rows)
                await work.execute(_SENT, [row["id"] for row in rows], work.now)
        return len(rows)

    async def _publish(self, rows: Sequence[Record]) -> None:
        acks: list[asyncio.Future[PubAck]] = [
            await self._bus.jetstream.publish_async(
                row["subject"], row["body"].encode(), headers={"Nats-Msg-Id": str(row["id"])}
            )
            for row in rows
        ]
        try:
            async with asyncio.timeout(10):
                await asyncio.gather(*acks)
        finally:
            for ack in acks:
                ack.cancel()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._poll):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()
