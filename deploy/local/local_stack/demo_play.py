"""What the acts of `make demo` share: who calls, keys of their own, waiting for what happens elsewhere, figures."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from local_stack.api import Api
from local_stack.clock import today_in_france

Found = TypeVar("Found")
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


@dataclass
class Play:
    """One run of the play. `run` names it: its keys and its invented people are its own, so it may be repeated."""

    client: httpx.AsyncClient
    caller: Callable[..., Api]
    say: Callable[..., None]
    run: str
    patience: float
    """Seconds for what happens elsewhere; it takes less than a few."""
    _sent: int = 0

    async def make(self, by: Api, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Posts and answers what was made."""
        self._sent += 1
        made: dict[str, Any] = await by.send("POST", path, key=f"demo-{self.run}-act-{self._sent}", json=body or {})
        return made

    async def patient(self, by: Api, given_name: str, birth_date: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """An invented patient: the entry, and who it is."""
        name = {"family_name": f"Exemple {self.run.translate(_LETTERS)}", "given_name": given_name}
        who = name | {"birth_date": birth_date}
        return await self.make(by, "/v1/patients", who | {"commune": "35236"}), who

    @staticmethod
    def consent() -> dict[str, str]:
        """Given today by the patient."""
        about = {"given_by": "patient", "channel": "oral", "text_version": "2026-11"}
        return about | {"given_on": f"{today_in_france()}"}

    async def until(self, look: Callable[[], Awaitable[Found | None]]) -> Found:
        """What it finds in the end. Raises TimeoutError."""
        async with asyncio.timeout(self.patience):
            while not (found := await look()):  # noqa: ASYNC110 - it happens elsewhere
                await asyncio.sleep(0.1)
        return found

    async def figures(self, names: Collection[str]) -> dict[str, Any]:
        """Indicators by name, as they stand."""
        coordinator = self.caller("coordinator")
        return {name: await coordinator.send("GET", f"/v1/indicators/{name}") for name in names}

    async def moved(self, before: dict[str, Any]) -> dict[str, Any]:
        """The same indicators once each of them has grown."""

        async def grown() -> dict[str, Any] | None:
            after = await self.figures(before)
            grew = all((after[name]["numerator"] or 0) > (before[name]["numerator"] or 0) for name in before)
            return after if grew else None

        return await self.until(grown)
