"""The unit of work: one request or one message is one transaction, with the events it tells."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

import asyncpg

from contracts.envelope import Payload
from kit import outbox
from kit.idempotency import Claim
from kit.ids import new_id

if TYPE_CHECKING:
    from kit.auth import Caller
    from kit.database import Database, Driver

Record: TypeAlias = asyncpg.Record
"""A row: values by name or position."""
# A request that has an effect runs fixed texts, written to go by index whatever the values (docs/adr/0024).
_FIXED_STATEMENTS = "SET LOCAL plan_cache_mode = force_generic_plan"


class Work:
    """Begins at the first statement, is committed at the edge by the kit, never by a use case.

    `territory` is what row-level security lets this transaction see and write. `now` is fixed for the
    whole of it. Statements have the driver's parameters (`$1`).
    """

    def __init__(
        self,
        database: "Database",
        territory: str,
        *,
        caller: "Caller | None" = None,
        correlation_id: str | None = None,
        causation_id: UUID | None = None,
    ) -> None:
        self._database, self.territory, self.caller = database, territory, caller
        self.now = database.clock.now()
        self.correlation_id = correlation_id or str(self.new_id())
        self.causation_id = causation_id
        self.idempotency: Claim | None = None
        self._open: Driver | None = None
        self._events: list[outbox.Row] = []
        self._after_commit: list[Callable[[], None]] = []
        self._after_events: list[Callable[[], None]] = []

    def new_id(self) -> UUID:
        return new_id(self.now)

    async def fetch(self, sql: str, *args: Any) -> list[Record]:
        return await (await self._begun()).fetch(sql, *args)  # type: ignore[no-any-return]

    async def fetchrow(self, sql: str, *args: Any) -> Record | None:
        return await (await self._begun()).fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: Any) -> Any:
        return await (await self._begun()).fetchval(sql, *args)

    async def execute(self, sql: str, *args: Any) -> str:
        """Runs a statement; answers its command tag, for instance `UPDATE 1`."""
        return await (await self._begun()).execute(sql, *args)  # type: ignore[no-any-return]

    async def executemany(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        await (await self._begun()).executemany(sql, rows)

    async def copy(self, table: str, columns: list[str], records: Any) -> None:
        """Bulk load by COPY; `records` is an iterable or async iterable of tuples."""
        await (await self._begun()).copy_records_to_table(table, columns=columns, records=records)

    def emit(self, payload: Payload, *, version: int, territory: str | None = None) -> UUID:
        """Tells an event, in this transaction. `version` counts the changes of the aggregate, from 1."""
        row = outbox.row(payload, work=self, version=version, territory=territory or self.territory)
        self._events.append(row)
        return row.id

    def caused_by(self, event_id: UUID, correlation_id: str) -> None:
        """What is told from here on is told because of this event."""
        self.causation_id, self.correlation_id = event_id, correlation_id

    def after_events(self, call: Callable[[], None]) -> None:
        """`call` runs after the commit, when there were events."""
        self._after_events.append(call)

    async def flush(self) -> None:
        """Writes what `emit` holds back. Called before the commit."""
        if told := self._taken_events():
            await self.execute(outbox.INSERT, *outbox.columns(told))

    async def answer(self, status: int, body: bytes) -> None:
        """Keeps the answer of a keyed request, before the commit; nothing for one without key or effect."""
        if self._open is None or self.idempotency is None:
            return
        await self.idempotency.answer(self, status, body, self._taken_events())

    def _taken_events(self) -> list[outbox.Row]:
        told, self._events = self._events, []
        if told:
            self._after_commit.extend(self._after_events)
        return told

    async def commit(self) -> None:
        """Ends the transaction for good. The caller is answered only after this."""
        await self.flush()
        if self._open is not None:
            await self._open.execute("COMMIT")
            await self._close()
        for call in self._after_commit:
            call()

    async def rollback(self) -> None:
        if self._open is not None:
            await asyncio.shield(self._abandon())

    async def _begun(self) -> "Driver":
        if self._open is None:
            self._open = await self._database.connect()
            # The slug is checked by pattern wherever it enters (tokens, events): it cannot close the quote.
            begin = f"BEGIN; SET LOCAL app.territory = '{_slug(self.territory)}'"
            if self.idempotency is None:
                await self._open.execute(begin)
            else:
                await self.idempotency.begin(self, f"{begin}; {_FIXED_STATEMENTS}")
        return self._open

    async def _abandon(self) -> None:
        opened = self._open
        if opened is None:
            return
        try:
            await opened.execute("ROLLBACK")
        except Exception:  # noqa: BLE001
            # The connection is of no more use; the server rolls back by itself.
            with suppress(asyncpg.InterfaceError):  # the driver has taken back what it saw end
                opened.terminate()
        await self._close()

    async def _close(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            await self._database.release(opened)


def _slug(territory: str) -> str:
    if not territory.replace("-", "").isalnum():
        raise ValueError("not a territory slug")
    return territory
