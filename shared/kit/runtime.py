"""What a running process of a service holds: its two database roles, the bus, the relay, keys and clock."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from kit.auth import Verifier
from kit.blobs import BlobStore, FolderBlobs
from kit.bus import Bus
from kit.clock import Clock, SystemClock
from kit.consumer import Subscription, deployed
from kit.crypto import Keyring
from kit.database import Database
from kit.health import Health
from kit.migrate import migrate
from kit.relay import Relay
from kit.settings import ServiceSettings
from kit.territories import territory_slugs


@dataclass
class Runtime:
    """`db` sees one territory at a time; `system` is for relay, timers and sweepers across all of them."""

    settings: ServiceSettings
    db: Database
    system: Database
    bus: Bus
    relay: Relay
    clock: Clock
    verifier: Verifier
    blobs: BlobStore
    keyring: Keyring
    territories: frozenset[str]
    health: Health
    extras: dict[str, Any] = field(default_factory=dict)
    on_stop: list[Callable[[], None]] = field(default_factory=list)

    def stop(self) -> None:
        """The process is about to stop: what answers without end ends now."""
        for call in self.on_stop:
            call()


OnStart = Callable[[Runtime], Awaitable[None]]


@asynccontextmanager
async def running(
    settings: ServiceSettings,
    *,
    process: str,
    migrations: str,
    subscriptions: Sequence[Subscription] = (),
    on_start: OnStart | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Runtime]:
    """Migrates, connects and relays for the length of the block."""
    await migrate(settings, migrations)
    runtime = await _connect(settings, process, subscriptions, clock or SystemClock())
    relay = asyncio.create_task(runtime.relay.run(), name="relay")
    try:
        await runtime.bus.ensure_streams()
        if on_start:
            await on_start(runtime)
        yield runtime
    finally:
        relay.cancel()
        with suppress(asyncio.CancelledError):
            await relay
        await _close(runtime)


async def _connect(
    settings: ServiceSettings, process: str, subscriptions: Sequence[Subscription], clock: Clock
) -> Runtime:
    url, name = settings.database_url.get_secret_value(), f"{settings.service} {process}"
    db = await Database.create(url, f"{settings.role_prefix}_app", clock, pool_size=settings.db_pool_size, name=name)
    # Jobs take four at most; consumers of several territories want one each (kit/consumer.py).
    system = await Database.create(url, f"{settings.role_prefix}_system", clock, pool_size=8, name=name)
    bus = await Bus.connect(settings.nats_url.get_secret_value(), settings.service, name)
    sending = await Database.create(url, system.role, clock, pool_size=1, name=f"{name} relay", durable=False)
    relay = Relay(sending, bus, settings.outbox_poll_seconds)
    for database in (db, system):
        database.on_commit(relay.wake)
    territories = territory_slugs(settings.territories_dir)
    return Runtime(
        settings=settings,
        db=db,
        system=system,
        bus=bus,
        relay=relay,
        clock=clock,
        verifier=await Verifier.create(settings, territories),
        blobs=FolderBlobs(settings.blob_dir / settings.service),
        keyring=Keyring.of(settings),
        territories=territories,
        health=Health(system, bus, relay, deployed(subscriptions, settings)),
    )


async def _close(runtime: Runtime) -> None:
    await runtime.bus.close()
    for database in (runtime.db, runtime.system, runtime.relay.database):
        await database.close()
