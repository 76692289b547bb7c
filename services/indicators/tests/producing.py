"""A producer made of the kit: a real outbox with its relay, and the port on which it says what it has published."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from telling import NOW, Teller

from contracts.envelope import Event
from contracts.registry import BY_NAME
from indicators.settings import IndicatorsSettings
from kit import outbox
from kit.bus import Bus
from kit.clock import SystemClock
from kit.database import Database
from kit.produced import produced
from kit.relay import Relay
from kit.testing.servers import free_port


@dataclass
class Producer:
    """`url` is that of its worker's port."""

    url: str
    system: Database
    relay: Relay

    async def tell(self, *events: Event[Any]) -> None:
        """Commits the events and publishes them, as a service does."""
        rows = [_row(event) for event in events]
        async with self.system.work("fr") as work:
            await work.execute(outbox.INSERT, *outbox.columns(rows))
        while await self.relay.publish_batch():
            pass


def _row(event: Event[Any]) -> outbox.Row:
    subject = BY_NAME[event.type].subject(event.territory)
    return outbox.Row(event.id, event.territory, event.type, subject, event.model_dump_json(), event.time)


@asynccontextmanager
async def open_producer(settings: IndicatorsSettings, bus: Bus) -> AsyncIterator[Producer]:
    """On the database of `settings`, which is its own; it publishes with the rights of `bus`."""
    url, port = settings.database_url.get_secret_value(), free_port()
    system = await Database.create(url, "indicators_system", SystemClock(), pool_size=3, name="producer")
    app = Starlette(routes=[Route("/produced", produced)])
    app.state.runtime = SimpleNamespace(system=system)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    serving = asyncio.create_task(server._serve())  # `serve` would take the signals of the tests
    try:
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        yield Producer(f"http://127.0.0.1:{port}", system, Relay(system, bus, 1.0))
    finally:
        server.should_exit = True
        await serving
        await system.close()


def in_disorder(events: Sequence[Event[Any]]) -> list[Event[Any]]:
    """The same events, neighbours exchanged over long distances: every seventh first, then every seventh but one ..."""
    return [event for start in range(7) for event in events[6 - start :: 7]]


def stories(tell: Teller, count: int) -> list[Any]:
    """Slots with a call, a booking and its outcome, some undone, cancelled or moved; a third of them a week late."""
    told: list[Any] = []
    for number in range(count):
        slot, other, call, booking = (uuid4() for _ in range(4))
        where = {"territory": f"t-{number % 40}", "time": NOW - timedelta(days=7 if number % 3 == 0 else 0)}
        told += [tell.published(slot, **where), tell.published(other, **where), tell.received(call, **where)]
        told += [tell.screened(call, **where), tell.confirmed(booking, slot, call, **where)]
        match number % 4:
            case 0:
                told.append(tell.cancelled(booking, slot, call, **where))
            case 1:
                told += [tell.missed(booking, slot, call, **where), tell.outcome_undone(booking, slot, call, **where)]
            case 2:
                told.append(tell.moved(booking, (slot, other), call, **where))
            case _:
                told.append(tell.fulfilled(booking, slot, call, **where))
    return told
