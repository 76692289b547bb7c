"""`/livez`: the process runs. `/readyz`: it can serve, or a list of what is missing."""

import asyncio
from collections.abc import Callable, Sequence

from kit.bus import Bus
from kit.consumer import Subscription, backlog
from kit.database import Database
from kit.relay import Relay

MAX_BACKLOG = 10_000
"""Messages. A service that was once up to date is unready again only when it falls this far behind."""


class Health:
    """What a process needs to be ready. `checks` of the process are added by name."""

    def __init__(self, database: Database, bus: Bus, relay: Relay, subscriptions: Sequence[Subscription]) -> None:
        self._database, self._bus, self._relay, self._subscriptions = database, bus, relay, subscriptions
        self._caught_up: set[str] = set()
        self.checks: dict[str, Callable[[], str | None]] = {}

    async def missing(self) -> dict[str, str]:
        """Names and causes of what is not ready; empty when all is."""
        found = {"relay": self._relay.failing, **{name: check() for name, check in self.checks.items()}}
        found["database"], projections = await asyncio.gather(self._database_away(), self._behind())
        return {name: cause for name, cause in {**found, **projections}.items() if cause}

    async def _database_away(self) -> str | None:
        try:
            async with asyncio.timeout(3):
                await self._database.ping()
        except Exception as error:  # noqa: BLE001
            # Whatever the driver says, the answer is the same: not ready.
            return type(error).__name__
        return None

    async def _behind(self) -> dict[str, str]:
        if not self._bus.connected:
            return {"nats": "not connected"}
        try:
            async with asyncio.timeout(3):
                causes = await asyncio.gather(*(self._lag(item) for item in self._subscriptions))
        except Exception as error:  # noqa: BLE001
            return {"nats": type(error).__name__}
        return {name: cause for name, cause in causes if cause}

    async def _lag(self, subscription: Subscription) -> tuple[str, str | None]:
        name = f"events of {subscription.owner}"
        waiting = await backlog(self._bus, subscription)
        if waiting == 0:
            self._caught_up.add(name)
        limit = MAX_BACKLOG if name in self._caught_up else 0
        if waiting is None:
            return name, "no consumer yet"
        return name, f"{waiting} to apply" if waiting > limit else None
