"""One pool per role and the transactions on it: the driver's own pool; the unit of work says BEGIN (docs/adr/0003)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

import asyncpg
import orjson

from kit.clock import Clock
from kit.context import current_trace
from kit.work import Work

if TYPE_CHECKING:
    from kit.auth import Caller

Driver: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
_WAIT_SECONDS = 20
"""For a connection of the pool: after it the caller is told to come back."""


class _Connection(asyncpg.Connection):  # type: ignore[misc]
    def get_reset_query(self) -> str:
        return ""  # the unit of work has said COMMIT or ROLLBACK, and its settings are those of the transaction


class Database:
    """Transactions under one of the service's roles."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", role: str, clock: Clock) -> None:
        self._pool, self.role, self.clock = pool, role, clock
        self._turns = asyncio.Semaphore(pool.get_max_size())
        self._on_commit: list[Any] = []

    @classmethod
    async def create(
        cls, url: str, role: str, clock: Clock, *, pool_size: int, name: str, durable: bool = True
    ) -> "Database":
        """A pool that connects when it is asked to. Without `durable`, a crash may take back the last commits."""
        pool = asyncpg.create_pool(
            url,
            min_size=0,
            max_size=pool_size,
            max_inactive_connection_lifetime=0,
            connection_class=_Connection,
            init=_read_json,
            # `role` at start: the session has only this role's rights, and RESET returns to it.
            server_settings={
                "role": role,
                "application_name": name,
                "timezone": "UTC",
                "synchronous_commit": "on" if durable else "off",
                "standard_conforming_strings": "on",
            },
        )
        return cls(await pool, role, clock)

    def on_commit(self, wake: Any) -> None:
        """`wake()` is called after each commit that added events (the relay listens)."""
        self._on_commit.append(wake)

    def open(
        self,
        territory: str,
        *,
        caller: "Caller | None" = None,
        correlation_id: str | None = None,
        causation_id: UUID | None = None,
    ) -> Work:
        """A unit of work that begins at its first statement. Its owner commits or rolls back."""
        trace = current_trace.get()
        correlation = correlation_id or (trace.correlation_id if trace else None)
        work = Work(self, territory, caller=caller, correlation_id=correlation, causation_id=causation_id)
        for wake in self._on_commit:
            work.after_events(wake)
        return work

    @asynccontextmanager
    async def work(self, territory: str, **trace: Any) -> AsyncIterator[Work]:
        """A unit of work that commits at the end of the block, and rolls back when the block raises."""
        work = self.open(territory, **trace)
        try:
            yield work
            await work.commit()
        except BaseException:
            await work.rollback()
            raise

    async def connect(self) -> Driver:
        """A live connection of the pool, until `release`."""
        # In the order in which they came: the pool's own queue lets newcomers overtake those who wait.
        async with asyncio.timeout(_WAIT_SECONDS):
            await self._turns.acquire()
        try:
            return await self._pool.acquire()
        except BaseException:
            self._turns.release()
            raise

    async def release(self, connection: Driver) -> None:
        try:
            await self._pool.release(connection)
        finally:
            self._turns.release()

    @property
    def in_use(self) -> int:
        """Connections taken from the pool at this moment."""
        return int(self._pool.get_size() - self._pool.get_idle_size())

    async def close(self) -> None:
        self._pool.terminate()


async def _read_json(connection: asyncpg.Connection) -> None:
    """JSON columns are read as Python values, and written as text."""
    for name, mark in (("json", b""), ("jsonb", b"\x01")):
        await connection.set_type_codec(
            name,
            schema="pg_catalog",
            format="binary",
            encoder=lambda text, mark=mark: mark + text.encode(),
            decoder=lambda value, mark=mark: orjson.loads(value[len(mark) :]),
        )
