"""Which figures moved by the events of a play, as the gateway answers them: before, after, and by how many events."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from local_stack.api import Api
from local_stack.demo.play import PATIENCE

Figure: TypeAlias = dict[str, Any]
_STANDING = {"imported": "imported", "manual": "by hand", "masked": "masked", "no_source": "no source"}


@dataclass(frozen=True)
class Movement:
    """An indicator before and after. `events` of the play prove what it counts: asked for where no number changed."""

    before: Figure
    after: Figure
    events: int = 0

    @property
    def id(self) -> str:
        name: str = self.after["id"]
        return name

    @property
    def moved(self) -> bool:
        """By counted events alone: what a file or somebody told is no movement."""
        return self.after["origin"] == "events" and (_numbers(self.before) != _numbers(self.after) or self.events > 0)

    @property
    def standing(self) -> str:
        """`moved`, `unmoved`, or who else tells the figure, or that nobody does."""
        return "moved" if self.moved else _STANDING.get(self.after["status"], "unmoved")

    def __str__(self) -> str:
        change = shown(self.after)
        if self.moved:
            change = (
                f"{change} (+{_counted(self.events, 'event')})" if self.events else f"{shown(self.before)} -> {change}"
            )
        version = f"v{self.after['definition_version']}"
        return f"{self.id}  {version:<3} {self.standing:<9}  {change:<36}  {self.after['label_fr']}"


class Figures:
    """The figures of a year, and their evidence, as somebody reads them who may see the patients."""

    def __init__(self, reader: Api, year: int, began: datetime) -> None:
        """`began`: events from then on are those of the play."""
        self._reader, self._period, self._began = reader, str(year), began

    async def catalogue(self) -> list[str]:
        """The ids of all indicators, in the order of the project document."""
        return [it["id"] for it in await self._reader.all("/v1/indicators")]

    async def read(self, ids: Sequence[str]) -> dict[str, Figure]:
        """As they stand now."""
        if not ids:
            return {}
        asked = {"ids": ",".join(ids), "period": self._period}
        return {it["id"]: it for it in (await self._reader.send("GET", "/v1/figures", params=asked))["items"]}

    async def movements(self, before: Mapping[str, Figure]) -> list[Movement]:
        """What became of these figures by now."""
        after = await self.read(list(before))
        return [await self._movement(before[name], after[name]) for name in before]

    async def settled(self, before: Mapping[str, Figure]) -> list[Movement]:
        """The same once each of them has moved, or patience is over: events take a moment."""
        end = time.monotonic() + PATIENCE
        found = await self.movements(before)
        while not all(it.moved for it in found) and time.monotonic() < end:
            await asyncio.sleep(0.1)
            found = await self.movements(before)
        return found

    async def proof(self, figure: Figure) -> str:
        """An event behind something that it counts."""
        asked = {"period": self._period, "limit": 1}
        page = await self._reader.send("GET", f"/v1/indicators/{figure['id']}/evidence", params=asked)
        unit = page["items"][0]
        fact = unit["facts"][0]
        return f"{figure['id']} counts {unit['unit']}, proved by {fact['type']}, event {fact['event_id']}"

    async def _movement(self, before: Figure, after: Figure) -> Movement:
        """Somebody who was counted before is counted once: then only the evidence grows."""
        same = after["origin"] == "events" and _numbers(before) == _numbers(after)
        return Movement(before, after, await self._events(after) if same else 0)

    async def _events(self, figure: Figure) -> int:
        """How many events of the play stand among the newest ten of each thing that it counts."""
        as_of = figure["freshness"]["as_of"]
        if as_of is None or datetime.fromisoformat(as_of) < self._began:
            return 0
        counted = self._reader.each(f"/v1/indicators/{figure['id']}/evidence", period=self._period)
        times = [fact["time"] async for unit in counted for fact in unit["facts"]]
        return sum(datetime.fromisoformat(it) >= self._began for it in times)


def shown(figure: Figure) -> str:
    """Its numbers as counted, else its value, with its unit."""
    if figure["value"] is None:
        return "-"
    if figure["unit"] == "score":
        return f"{figure['value']} ({_counted(figure['denominator'], 'answer')})"
    if figure["unit"] == "percent":
        rate = f"{figure['value']} %"
        return f"{figure['numerator']}/{figure['denominator']}" if figure["numerator"] is not None else rate
    return str(figure["value"] if figure["numerator"] is None else figure["numerator"])


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _numbers(figure: Figure) -> tuple[int | None, int | None]:
    return figure["numerator"], figure["denominator"]
