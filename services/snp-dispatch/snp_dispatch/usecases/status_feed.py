"""One reader of the outbox a process, however many clients listen.

It keeps the last statuses of each territory that somebody listens to. A client is a position in them, not a queue: a
slow one costs nothing and loses nothing, it reads on from the database when memory no longer goes back that far.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog

from contracts.envelope import NATIONAL
from kit.database import Database
from snp_dispatch.domain.statuses import Audience, Position, Status
from snp_dispatch.store import statuses

log = structlog.get_logger(__name__)

PAGE = 500
KEPT = 5_000
"""Statuses of a territory in memory."""
POLL_SECONDS = 0.5
"""For what other processes commit; what this one commits wakes the reader at once."""
UNSETTLED_SECONDS = 0.05
"""While an older transaction still runs beside something new."""


@dataclass
class _Tail:
    """The latest statuses of a territory: all that are after `start`, up to `end`."""

    start: Position
    end: Position
    kept: deque[Status] = field(default_factory=deque)

    def add(self, read: statuses.Read) -> None:
        self.kept.extend(read.statuses)
        self.end = read.reached
        while len(self.kept) > KEPT:
            self.start = self.kept.popleft().position


@dataclass(frozen=True)
class Heard:
    """Statuses, the position that they reach, and whether there may be more to read at once."""

    statuses: list[Status]
    reached: Position
    more: bool


class StatusFeed:
    """Reads while somebody listens."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: Counter[str] = Counter()
        self._tails: dict[str, _Tail] = {}
        self._wake, self._news = asyncio.Event(), asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._replays = asyncio.Semaphore(2)
        self.stopping = asyncio.Event()

    @property
    def listeners(self) -> int:
        return self._listeners.total()

    def wake(self) -> None:
        """Called after a commit that told something, and at the stop."""
        self._wake.set()

    def stop(self) -> None:
        """Ends every stream: the process stops."""
        self.stopping.set()
        self._tell()

    @asynccontextmanager
    async def listening(self, territory: str) -> AsyncIterator[Position]:
        """Keeps the territory read for the length of the block; gives the position of now."""
        self._listeners[territory] += 1
        try:
            if territory not in self._tails:
                async with self._database.work(NATIONAL) as work:
                    now = await statuses.here(work)
                self._tails.setdefault(territory, _Tail(now, now))
            if self._reader is None or self._reader.done():
                self._reader = asyncio.create_task(self._read_on(), name="statuses")
            yield self._tails[territory].end
        finally:
            self._listeners[territory] -= 1
            if not self._listeners[territory]:
                del self._listeners[territory]
                self._tails.pop(territory, None)
            if not self._listeners:
                await self._end()

    def ticket(self) -> asyncio.Event:
        """Is set when there is news from now on. Take it before looking, wait for it afterwards."""
        return self._news

    async def after(self, territory: str, audience: Audience, position: Position) -> Heard:
        """The next statuses of an audience after a position. Within `listening` only."""
        tail = self._tails[territory]
        start = tail.start  # may move on while the database is read
        if position >= start:
            found = [it for it in tail.kept if it.position > position and audience.hears(it)]
            return Heard(found, max(tail.end, position), more=False)
        async with self._replays, self._database.work(NATIONAL) as work:
            read = await statuses.after(work, territory, audience, position, PAGE)
        # A page that is not full has told all there was before `start`: memory goes on from there.
        reached = read.reached if read.full else max(read.reached, start)
        return Heard([it for it in read.statuses if audience.hears(it)], reached, more=True)

    async def _read_on(self) -> None:
        wait: float = 0
        while True:
            try:
                await self._pause(wait)
                wait = await self._round()
            except Exception as error:  # noqa: BLE001 - the database may be away: the streams wait for it
                log.warning("statuses wait", error=type(error).__name__)
                wait = 2 * POLL_SECONDS

    async def _round(self) -> float:
        """Reads once; answers how long to wait before the next."""
        positions = {territory: tail.end for territory, tail in self._tails.items()}
        async with self._database.work(NATIONAL) as work:
            found = await statuses.newer(work, positions, PAGE)
        for territory, read in found.items():
            if territory in self._tails:
                self._tails[territory].add(read)
        if any(read.statuses for read in found.values()):
            self._tell()
        if any(read.full for read in found.values()):
            return 0
        return UNSETTLED_SECONDS if any(read.unsettled for read in found.values()) else POLL_SECONDS

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        self._wake.clear()

    def _tell(self) -> None:
        self._news.set()
        if not self.stopping.is_set():
            self._news = asyncio.Event()

    async def _end(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.cancel()
            with suppress(asyncio.CancelledError):
                await reader
