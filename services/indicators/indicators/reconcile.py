"""`python -m indicators.reconcile`: are the facts all that the services published?

Asks the worker of each service how many events it published per type and day, counts the facts, and prints where these
differ; `--repair` reads the streams again and keeps what is missing. Exits with 1 when a difference remains, or when a
service did not answer; what came out is kept (`GET /v1/reconciliations`). Runs beside the service, with its
configuration and its rights (docs/adr/0050).
"""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import httpx

from contracts.envelope import NATIONAL
from contracts.registry import STREAMS
from indicators.domain.campaigns import Campaigns
from indicators.domain.reconciliation import Counts, Difference, ProducerCount, by_producer, differences
from indicators.rebuild import CONSUMER, Reader, caught_up
from indicators.settings import IndicatorsSettings
from indicators.store import facts, reconciliations
from indicators.usecases.load_catalogue import load_campaigns
from indicators.usecases.repair_facts import repair_facts
from kit.bus import Bus
from kit.command import database_of
from kit.database import Database

_BEGINNING = date(1970, 1, 1)


@dataclass
class Result:
    """What came out. `silent` services did not answer; `repaired` facts were kept again from the streams."""

    compared: int = 0
    producers: list[ProducerCount] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    repaired: int = 0

    @property
    def complete(self) -> bool:
        return not self.silent and not self.differences


def producers_of(text: str) -> dict[str, str]:
    """URLs by service out of `directory=http://host:port,...`. Raises ValueError for a service that is none."""
    found = {name.strip(): url.strip() for name, _, url in (item.partition("=") for item in text.split(",")) if name}
    if unknown := sorted(found.keys() - STREAMS.keys()):
        raise ValueError(f"PRODUCERS: no service {', '.join(unknown)}; known: {', '.join(sorted(STREAMS))}")
    return found


class Reconciliation:
    """One comparison, with the connections it needs."""

    def __init__(
        self,
        producers: Mapping[str, str],
        bus: Bus,
        database: Database,
        *,
        since: date,
        campaigns: Mapping[str, Campaigns],
    ) -> None:
        self._producers, self._bus, self._database = producers, bus, database
        self._since, self._campaigns = since, campaigns

    async def run(self, wait: float, *, repair: bool) -> Result:
        """Compares; with `repair`, keeps what is missing and compares again."""
        result = await self._compare(wait)
        if repair and any(it.missing > 0 for it in result.differences):
            repaired = await self._repair()
            result = await self._compare(wait)
            result.repaired = repaired
        await self._note(result)
        return result

    async def _note(self, result: Result) -> None:
        async with self._database.work(NATIONAL) as work:
            await reconciliations.add(
                work,
                since=self._since,
                repaired=result.repaired,
                complete=result.complete,
                producers=result.producers,
                differences=result.differences,
            )

    async def _compare(self, wait: float) -> Result:
        before, silent = await self._published()
        await caught_up(self._bus, wait)
        async with self._database.work(NATIONAL) as work:
            kept = await facts.by_type_and_day(work, self._since)
        after, gone = await self._published()
        silent |= gone
        found = differences(self._producers.keys() - silent, before, kept, after)
        sums = by_producer(self._producers, silent, before, kept)
        return Result(sum(before.values()), sums, sorted(silent), found)

    async def _published(self) -> tuple[Counts, set[str]]:
        """What the services say, and which of them say nothing."""
        counts: dict[tuple[date, str], int] = {}
        silent = set()
        async with httpx.AsyncClient(timeout=30) as http:
            for service, url in self._producers.items():
                try:
                    answer = await http.get(f"{url}/produced", params={"since": self._since.isoformat()})
                    items = answer.raise_for_status().json()["items"]
                except httpx.HTTPError:
                    silent.add(service)
                    continue
                counts |= {(date.fromisoformat(it["day"]), it["type"]): it["sent"] for it in items}
        return counts, silent

    async def _repair(self) -> int:
        reader, repaired = Reader(self._bus), 0
        async for batch in reader.events(await reader.ends()):
            async with self._database.work(NATIONAL) as work:
                repaired += await repair_facts(work, [told.fact for told in batch], self._campaigns)
        return repaired


async def reconcile(settings: IndicatorsSettings, *, since: date, wait: float, repair: bool) -> Result:
    """The comparison with the configuration of the service. Raises ValueError for a producer that is none."""
    producers, campaigns = producers_of(settings.producers), load_campaigns(settings.territories_dir)
    bus = await Bus.connect(settings.nats_url.get_secret_value(), settings.service, CONSUMER)
    try:
        async with database_of(settings, "indicators reconcile") as database:
            comparing = Reconciliation(producers, bus, database, since=since, campaigns=campaigns)
            return await comparing.run(wait, repair=repair)
    finally:
        await bus.close()


def report(result: Result) -> str:
    """What came out, for people."""
    lines = [f"{result.compared} events published"]
    lines += [f"{result.repaired} facts repaired from the streams"] if result.repaired else []
    lines += [f"{service} did not answer" for service in result.silent]
    lines += [
        f"{it.day} {it.type}: {abs(it.missing)} {'missing' if it.missing > 0 else 'too many'} "
        f"(published {it.produced}, kept {it.kept})"
        for it in result.differences
    ]
    return "\n".join((*lines, "complete" if result.complete else "NOT complete"))


def main(arguments: Sequence[str]) -> int:
    """Runs the command; answers its exit status."""
    parser = argparse.ArgumentParser(prog="python -m indicators.reconcile", description="compare facts with producers")
    parser.add_argument("--since", type=date.fromisoformat, default=_BEGINNING, help="the first day: 2026-11-01")
    parser.add_argument("--wait", type=float, default=10, help="seconds to let the service catch up (default 10)")
    parser.add_argument("--repair", action="store_true", help="keep what is missing from the streams")
    wanted = parser.parse_args(arguments)
    settings = IndicatorsSettings()
    if not settings.producers:
        parser.error("INDICATORS_PRODUCERS is not set")
    result = asyncio.run(reconcile(settings, since=wanted.since, wait=wanted.wait, repair=wanted.repair))
    sys.stdout.write(report(result) + "\n")
    return 0 if result.complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
