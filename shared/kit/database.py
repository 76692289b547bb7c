"""One pool per role and the transactions on it.

The pool is SQLAlchemy's, in autocommit: the unit of work says BEGIN and COMMIT itself, through the
driver. So a hot path may speak raw asyncpg and a plain one the ORM, in the same transaction
(docs/adr/0003).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from kit.clock import Clock
from kit.context import current_trace
from kit.faults import cause
from kit.work import Work

if TYPE_CHECKING:
    from kit.auth import Caller

Driver: TypeAlias = asyncpg.Connection


class Database:
    """Transactions under one of the service's roles."""

    def __init__(self, url: str, role: str, clock: Clock, *, pool_size: int, name: str, durable: bool = True) -> None:
        self.role, self.clock = role, clock
        self._on_commit: list[Any] = []
        self._engine: AsyncEngine = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://", 1),
            isolation_level="AUTOCOMMIT",
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=20,
            pool_use_lifo=True,
            pool_reset_on_return=None,  # the unit of work has said COMMIT or ROLLBACK
            json_deserializer=orjson.loads,
            # `role` at start: the session has only this role's rights, and RESET returns to it.
            # Without `durable`, a crash may take back the last commits: for work that may be done again.
            connect_args={
                "server_settings": {
                    "role": role,
                    "application_name": name,
                    "timezone": "UTC",
                    "synchronous_commit": "on" if durable else "off",
                    "standard_conforming_strings": "on",
                }
            },
        )

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

    async def connect(self) -> tuple[AsyncConnection, Driver]:
        """A live connection of the pool. Those that the server dropped are thrown away on the way."""
        while True:
            try:
                connection = await self._engine.connect()
            except DBAPIError as error:
                raise cause(error) from None
            driver: Driver = (await connection.get_raw_connection()).driver_connection
            if not driver.is_closed():
                return connection, driver
            await connection.invalidate()
            await connection.close()

    async def close(self) -> None:
        await self._engine.dispose()
