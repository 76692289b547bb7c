"""`/livez`: the process runs. `/readyz`: it can serve, or a list of what is missing."""

import asyncio
from collections.abc import Callable, Sequence

from contracts.envelope import NATIONAL
from kit.bus import Bus
from kit.consumer import Subscription, backlog
from kit.database import Database
from kit.relay import Relay

MAX_BACKLOG = 100
"""Events, to send or to apply: less than a second's work. Once up to date, a service is unready again beyond it."""

_UNSENT = "SELECT count(*) FROM (SELECT 1 FROM outbox WHERE sent_at IS NULL LIMIT $1) waiting"


class Health:
    """What a process needs to be ready. `checks` of the process are added by name."""

    def __init__(self, database: Database, bus: Bus, relay: Relay, subscriptions: Sequence[Subscription]) -> None:
        self._database, self._bus, self._relay, self._subscriptions = database, bus, relay, subscriptions
        self._caught_up: set[str] = set()
        self.checks: dict[str, Callable[[], str | None]] = {}

    async def missing(self, *, settled: bool = False) -> dict[str, str]:
        """Names and causes of what is not ready; empty when all is. `settled`: no event may be on its way at all."""
        found = {"relay": self._relay.failing, **{name: check() for name, check in self.checks.items()}}
        unsent, projections = await asyncio.gather(self._unsent(settled), self._behind(settled))
        return {name: cause for name, cause in {**found, **unsent, **projections}.items() if cause}

    async def _unsent(self, settled: bool) -> dict[str, str]:
        limit = 0 if settled else MAX_BACKLOG
        try:
            async with asyncio.timeout(3), self._database.work(NATIONAL) as work:
                waiting = await work.fetchval(_UNSENT, limit + 1)
        except Exception as error:  # noqa: BLE001
            # Whatever the driver says, the answer is the same: not ready.
            return {"database": type(error).__name__}
        return {"outbox": f"more than {limit} events to send"} if waiting > limit else {}

    async def _behind(self, settled: bool) -> dict[str, str]:
        if not self._bus.connected:
            return {"nats": "not connected"}
        try:
            async with asyncio.timeout(3):
                causes = await asyncio.gather(*(self._lag(item, settled) for item in self._subscriptions))
        except Exception as error:  # noqa: BLE001
            return {"nats": type(error).__name__}
        return {name: cause for name, cause in causes if cause}

    async def _lag(self, subscription: Subscription, settled: bool) -> tuple[str, str | None]:
        name = f"events of {subscription.owner}"
        waiting = await backlog(self._bus, subscription)
        if waiting == 0:
            self._caught_up.add(name)
        limit = MAX_BACKLOG if name in self._caught_up and not settled else 0
        if waiting is None:
            return name, "no consumer yet"
        return name, f"{waiting} to apply" if waiting > limit else None
