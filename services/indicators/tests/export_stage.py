"""Replicas of the worker's export jobs on one database, by a clock that stands still, with rules of their own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from contracts.envelope import NATIONAL
from indicators.settings import MIGRATIONS, IndicatorsSettings
from indicators.usecases.load_exports import EXPORTS, starting
from indicators.usecases.plan_exports import plan_exports
from indicators.usecases.run_export import Exporter
from kit.clock import FixedClock
from kit.runtime import Runtime, running

# Inside: it waits for nobody. Tests of what waits say `inside: False`.
QUARTERLY = {
    "id": "cpam-dashboard",
    "recipient": "CPAM d'Ille-et-Vilaine",
    "inside": True,
    "what": "quarterly_dashboard",
    "when": "0 7 10 1,4,7,10 *",
    "starts": "2026-10-01",
    "formats": ["csv", "json"],
    "destination": {"kind": "folder", "path": "cpam"},
}


def write_rules(
    folder: Path, *schedules: dict[str, Any], campaigns: Sequence[dict[str, Any]] = (), **rules: Any
) -> None:
    """The schedules and campaigns of Pays de Redon; two other territories have none."""
    for slug in ("pays-de-redon", "haute-saintonge"):
        (folder / slug).mkdir(parents=True, exist_ok=True)
        (folder / slug / "territory.yaml").write_text(f"id: {slug}\nname: CPTS {slug}\n")
    days = {"version": "test", "campaigns": list(campaigns)}
    (folder / "pays-de-redon" / "campaigns.yaml").write_text(yaml.safe_dump(days, allow_unicode=True))
    told = {"version": "test", "schedules": list(schedules), **rules}
    (folder / "pays-de-redon" / "exports.yaml").write_text(yaml.safe_dump(told, allow_unicode=True))


@dataclass
class Replica:
    """The jobs of one process."""

    runtime: Runtime
    exporter: Exporter

    async def plan(self) -> int:
        async with self.runtime.system.work(NATIONAL) as work:
            return await plan_exports(work, self.runtime.extras[EXPORTS])

    async def work_off(self) -> int:
        """Every run that may be taken now, to its end; answers how many."""
        begun = 0
        while await self.exporter.run(self.runtime):
            begun += 1
            await self.exporter.settle()
        return begun

    async def rows(self, sql: str = "SELECT * FROM export_run ORDER BY due_at NULLS LAST, id") -> list[Any]:
        async with self.runtime.system.work(NATIONAL) as work:
            return await work.fetch(sql)


@asynccontextmanager
async def replicas(settings: IndicatorsSettings, clock: FixedClock, number: int = 1) -> AsyncIterator[list[Replica]]:
    """So many processes' worth of connections and jobs."""
    async with AsyncExitStack() as stack:
        opened = []
        for place in range(number):
            runtime = await stack.enter_async_context(
                running(settings, process=f"r{place}", migrations=MIGRATIONS, on_start=starting(settings), clock=clock)
            )
            opened.append(Replica(runtime, Exporter(settings)))
        yield opened
