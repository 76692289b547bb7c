"""`python -m bench indicators_query [facts]`: how long figures take among 100,000, then a million facts (or ten).

Facts of a year of 1,000 territories (bench/activity.py) are copied into the tables, the projections derived by the
statements of the service, and the months that are over summed by its job. Then, as the API does it: five indicators
over twelve months, of the large territory (a twentieth of all) and of others in turn, and the quarterly dashboard:
every figure of one quarter.
"""

import resource
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import cycle, islice
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from bench.activity import LARGE, Activity
from bench.indicators_ingest import place
from contracts.envelope import NATIONAL
from indicators.consumers.on_event import fact_of
from indicators.domain.catalogue import Catalogue, Indicator
from indicators.domain.periods import parse_period
from indicators.settings import IndicatorsSettings
from indicators.store import projections
from indicators.usecases.compute_figures import compute_figures
from indicators.usecases.keep_months import keep_months
from indicators.usecases.load_catalogue import load_catalogue
from indicators.usecases.sum_months import sum_months
from kit.clock import SystemClock
from kit.database import Database
from local_stack.checkout import ROOT

SIZES = (100_000, 1_000_000)
FIVE = ("I-06", "I-08", "I-09", "I-10", "I-16")
YEAR, QUARTER = "2026", "2026-Q3"
ROUNDS = 200
DASHBOARDS = 20
COMPARED = ("five p95 ms", "dashboard p95 ms")
_COLUMNS = ["event_id", "territory", "kind", "type", "subject", "version", "occurred_at", "arrived_at"]
_COLUMNS += ["slot_id", "call_id", "booking_id", "dimensions"]

Figures = dict[str, float]


async def indicators_query(arguments: list[str]) -> Figures:
    """Figures of a territory that has a twentieth of all facts, and of others: milliseconds."""
    sizes = (SIZES[0], int(arguments[0])) if arguments else SIZES
    found: list[Figures] = []
    async with place(ROOT / ".run" / "query") as (servers, settings):
        connection = await asyncpg.connect(servers.admin_url(settings.database_url.get_secret_value()))
        catalogue = load_catalogue(settings.catalogue_file)
        for before, size in zip((0, *sizes), sizes, strict=False):
            await _grow(connection, settings, before, size)
            found.append(await _measure(settings, catalogue))
            print(f"{size:,} facts: {_line(found[-1])}", flush=True)
        await connection.close()
    first, last = found
    growth = {f"{name}, growth x {sizes[-1] / sizes[0]:g}": last[name] / first[name] for name in COMPARED}
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return last | growth | {"asking process MB": held}


def _line(figures: Figures) -> str:
    return ", ".join(f"{name} {value:.1f}" for name, value in figures.items())


async def _grow(connection: asyncpg.Connection, settings: IndicatorsSettings, before: int, size: int) -> None:
    begin = time.monotonic()
    async with _database(settings, "system") as database, database.work(NATIONAL) as work:
        # The year of the activity begins before the first partition.
        for month in range(1, 13):
            await work.execute("SELECT fact_month(make_date(2026, $1::int, 1))", month)
        await keep_months(work)
    await connection.copy_records_to_table("fact", records=_rows(size - before, seed=size), columns=_COLUMNS)
    await connection.execute("ANALYZE fact")
    copied = time.monotonic()
    async with _database(settings, "system") as database:
        territories = await connection.fetch("SELECT DISTINCT territory FROM fact")
        for row in territories:
            async with database.work(NATIONAL) as work:
                for projection in projections.ALL:
                    await projections.derive_all(work, projection, row["territory"])
    derived = time.monotonic()
    made = await _sum(settings)
    await connection.execute("VACUUM ANALYZE")
    print(
        f"  {size - before:,} facts copied in {copied - begin:.0f} s, projections derived in {derived - copied:.0f} s, "
        f"{made} months summed in {time.monotonic() - derived:.0f} s",
        flush=True,
    )


async def _sum(settings: IndicatorsSettings) -> int:
    """Makes the sums of months as the job does; answers how many there are."""
    async with _database(settings, "system") as database:
        for _ in ("what waits", "what is found then"):
            while await _done(database):
                pass
        async with database.work(NATIONAL) as work:
            return int(await work.fetchval("SELECT count(*) FROM month_sum"))


async def _done(database: Database) -> int:
    async with database.work(NATIONAL) as work:
        return await sum_months(work)


def _rows(count: int, seed: int) -> Iterator[tuple[Any, ...]]:
    """Facts as the service keeps them; a year's activity ends on the day when that of `Activity` does."""
    for kind, told in Activity(count, days=323, seed=seed):
        fact = fact_of(kind.envelope.model_validate_json(orjson.dumps(told)))
        ids: list[UUID | None] = [fact.identifier(name) for name in ("slot_id", "call_id", "booking_id")]
        head = (fact.event_id, fact.territory, fact.kind, fact.type, fact.subject, fact.version)
        yield (*head, fact.occurred_at, fact.occurred_at, *ids, orjson.dumps(fact.dimensions).decode())


async def _measure(settings: IndicatorsSettings, catalogue: Catalogue) -> Figures:
    fed = [indicator for indicator in catalogue.indicators if indicator.is_fed]
    five = [indicator for indicator in fed if indicator.id in FIVE]
    async with _database(settings, "app") as database:

        async def asked(indicators: list[Indicator], period: str, territory: str) -> None:
            async with database.work(territory) as work:
                await compute_figures(work, indicators, parse_period(period, catalogue.zone))

        others = (f"bench-{number}" for number in cycle(range(1, 1000)))
        large = await _times(lambda _: asked(five, YEAR, LARGE), ROUNDS)
        small = await _times(lambda it: asked(five, YEAR, it), ROUNDS, others)
        dashboard = await _times(lambda _: asked(fed, QUARTER, LARGE), DASHBOARDS)
    return {
        "five p50 ms": statistics.median(large),
        "five p95 ms": _p95(large),
        "five, others, p50 ms": statistics.median(small),
        "five, others, p95 ms": _p95(small),
        "dashboard p50 ms": statistics.median(dashboard),
        "dashboard p95 ms": _p95(dashboard),
    }


async def _times(
    ask: Callable[[str], Awaitable[None]], count: int, territories: Iterator[str] | None = None
) -> list[float]:
    """Milliseconds of each question, one after the other; the first ones, which plan, are not counted."""
    found = []
    for territory in islice(territories or cycle([LARGE]), count + 10):
        begin = time.perf_counter()
        await ask(territory)
        found.append(1000 * (time.perf_counter() - begin))
    return found[10:]


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


@asynccontextmanager
async def _database(settings: IndicatorsSettings, role: str) -> AsyncIterator[Database]:
    url = settings.database_url.get_secret_value()
    opened = await Database.create(url, f"indicators_{role}", SystemClock(), pool_size=2, name="bench")
    try:
        yield opened
    finally:
        await opened.close()
