"""What is promised, measured on a running stack. Each scenario answers figures by name."""

import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import orjson

from bench import baseline, names
from bench.client import Connection, Load, Request, at_once, closed_loop, open_loop
from bench.quiet import quietest
from contracts.examples import an_ed_call
from local_stack.stack import Stack
from local_stack.token import mint

ROUNDS, CONNECTIONS = 3, 8
HOLDS_PER_ROUND = 2400
CONTENDERS, CONTENTIONS, CONTENTIONS_COUNTED = 200, 15, 5
CALLS_PER_SECOND, CALL_SECONDS = 50, 20
CALL_ROUNDS, CALL_ROUNDS_COUNTED = 7, 3
FRESHNESS_SAMPLES = 100
TIMERS, TIMER_SECONDS = 1000, 20
# Seeded calls that wait, each with a step of its ladder that is due at a random moment of the next seconds.
_SET_TIMERS = """
WITH waiting AS (
    UPDATE call SET state = 'waiting', escalating = true, version = version + 1
     WHERE id = ANY ($1::uuid[]) RETURNING id, territory, now() + (2 + random() * $2) * interval '1 s' AS at
)
INSERT INTO timer (id, territory, kind, subject_id, due_at, try_at, attempts, payload)
SELECT gen_random_uuid(), territory, 'escalation', id, at, at, 0, '{"position": 0}' FROM waiting
"""
_LATE = """
SELECT extract(epoch FROM fired_at - due_at)::float8 FROM timer
 WHERE subject_id = ANY ($1::uuid[]) AND payload = '{"position": 0}' AND fired_at IS NOT NULL
"""

Figures = dict[str, float]


@dataclass
class Bench:
    """A stack with the seeded rows; `taken` counts the seeded calls and slots that are used up."""

    stack: Stack
    taken: int = 0

    def __post_init__(self) -> None:
        self.ed = mint(self.stack.run_dir, "ed", "pays-de-redon")
        self.coordinator = mint(self.stack.run_dir, "coordinator", "pays-de-redon")
        self.gateway = self.stack.gateway_url
        self.dispatch = self.stack.report.service_urls["snp-dispatch"]

    def numbers(self, count: int) -> range:
        """Seeded calls and slots that nobody has used."""
        first = self.taken + 1
        self.taken += count
        return range(first, first + count)

    async def settled(self) -> None:
        """Waits until every event is sent and applied, so that one arm does not pay for another."""
        await self.stack.wait_ready()
        await asyncio.sleep(1)


async def holds(bench: Bench) -> Figures:
    """Seats held per second: pgbench with the whole transaction, the service called directly, through the gateway."""
    rates: dict[str, list[float]] = {"pgbench": [], "direct": [], "gateway": []}
    tails: dict[str, list[float]] = {"direct": [], "gateway": []}
    for _ in range(ROUNDS):
        rates["pgbench"].append(await _pgbench(bench))
        await bench.settled()
        for arm, url in (("direct", bench.dispatch), ("gateway", bench.gateway)):
            load = await _hold_all(bench, url)
            rates[arm].append(load.per_second)
            tails[arm].append(load.percentile(0.99))
            await bench.settled()
    medians = {arm: statistics.median(found) for arm, found in rates.items()}
    return {
        **{f"{arm} holds/s": value for arm, value in medians.items()},
        **{f"{arm} p99 ms": statistics.median(found) for arm, found in tails.items()},
        "direct / pgbench": medians["direct"] / medians["pgbench"],
        "gateway / pgbench": medians["gateway"] / medians["pgbench"],
        "gateway / direct": medians["gateway"] / medians["direct"],
    }


async def _hold_all(bench: Bench, url: str) -> Load:
    requests = [
        Request.build(url, f"/v1/calls/{names.call(n)}/holds", bench.ed, {"slot_id": names.slot(n)}, uuid4().hex)
        for n in bench.numbers(HOLDS_PER_ROUND)
    ]
    load = await closed_loop(url, requests, CONNECTIONS)
    _require(load, {201})
    return load


async def _pgbench(bench: Bench) -> float:
    numbers = bench.numbers(HOLDS_PER_ROUND)
    body, answer = await _samples(bench)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "hold.sql"
        await asyncio.to_thread(file.write_text, baseline.script(body, answer))
        rate, _ = await baseline.transactions_per_second(
            bench.stack.report.database_urls["snp-dispatch"],
            file,
            clients=CONNECTIONS,
            each=HOLDS_PER_ROUND // CONNECTIONS,
            first=numbers.start - 1,
        )
    return rate


async def _samples(bench: Bench) -> tuple[str, str]:
    """The event and the answer of a real hold, so that pgbench writes rows of the same size."""
    (number,) = bench.numbers(1)
    request = Request.build(
        bench.dispatch,
        f"/v1/calls/{names.call(number)}/holds",
        bench.ed,
        {"slot_id": names.slot(number)},
        uuid4().hex,
    )
    load = await closed_loop(bench.dispatch, [request], 1)
    _require(load, {201})
    connection = await asyncpg.connect(
        bench.stack.report.database_urls["snp-dispatch"], server_settings={"role": "snp_dispatch_system"}
    )
    try:
        body = await connection.fetchval(
            "SELECT body FROM outbox WHERE type LIKE '%.hold.placed.v1' ORDER BY seq DESC LIMIT 1"
        )
    finally:
        await connection.close()
    return body, load.answers[0].body.decode()


async def reads(bench: Bench) -> Figures:
    """GET of one call, directly and through the gateway."""
    path = f"/v1/calls/{names.call(1)}"
    rates: dict[str, list[float]] = {"direct": [], "gateway": []}
    for _ in range(ROUNDS):
        for arm, url in (("direct", bench.dispatch), ("gateway", bench.gateway)):
            load = await closed_loop(url, [Request.build(url, path, bench.ed)] * 3000, CONNECTIONS)
            _require(load, {200})
            rates[arm].append(load.per_second)
    medians = {arm: statistics.median(found) for arm, found in rates.items()}
    return {
        **{f"{arm} reads/s": value for arm, value in medians.items()},
        "gateway / direct reads": medians["gateway"] / medians["direct"],
    }


async def contention(bench: Bench) -> Figures:
    """200 clients on one slot, through the gateway, on warm connections: one hold, 199 refusals with alternatives."""
    found = await quietest(lambda: _contend(bench), bench.settled, CONTENTIONS, CONTENTIONS_COUNTED)
    return {
        "contention p50 ms": statistics.median(load.percentile(0.5) for load in found.rounds),
        "contention p99 ms": statistics.median(load.percentile(0.99) for load in found.rounds),
        "contention worst p99 ms": max(load.percentile(0.99) for load in found.rounds),
        "contention, taken by others %": found.stolen,
        "contention, in all rounds %": found.stolen_in_all,
    }


async def _contend(bench: Bench) -> Load:
    numbers = bench.numbers(CONTENDERS)
    slot = names.slot(numbers.start)
    requests = [
        Request.build(bench.gateway, f"/v1/calls/{names.call(n)}/holds", bench.ed, {"slot_id": slot}, uuid4().hex)
        for n in numbers
    ]
    warm = Request.build(bench.gateway, f"/v1/calls/{names.call(1)}", bench.ed)
    load = await at_once(bench.gateway, requests, warm)
    if load.statuses() != {201: 1, 409: CONTENDERS - 1}:
        raise RuntimeError(f"{CONTENDERS} clients on one slot: {load.statuses()}")
    if not all(orjson.loads(one.body)["alternatives"] for one in load.answers if one.status == 409):
        raise RuntimeError("a refusal without alternatives")
    return load


async def proposals(bench: Bench) -> Figures:
    """Ranked slots for 50 calls a second, through the gateway."""
    found = await quietest(lambda: _propose(bench), bench.settled, CALL_ROUNDS, CALL_ROUNDS_COUNTED)
    return {
        "proposals p50 ms": statistics.median(load.percentile(0.5) for load in found.rounds),
        "proposals p99 ms": statistics.median(load.percentile(0.99) for load in found.rounds),
        "proposals, taken by others %": found.stolen,
        "proposals, in all rounds %": found.stolen_in_all,
    }


async def _propose(bench: Bench) -> Load:
    count = CALLS_PER_SECOND * CALL_SECONDS
    requests = [Request.build(bench.gateway, "/v1/calls", bench.ed, an_ed_call(), uuid4().hex) for _ in range(count)]
    load = await open_loop(bench.gateway, requests, CALLS_PER_SECOND)
    _require(load, {201})
    if not all(len(orjson.loads(one.body)["proposals"]) == 10 for one in load.answers):
        raise RuntimeError("a call without ten proposals")
    return load


async def freshness(bench: Bench) -> Figures:
    """From the answer to a call (its commit) until the indicator shows it."""
    waits = []
    async with httpx.AsyncClient(base_url=bench.gateway, timeout=30) as http:

        async def counted() -> int:
            headers = {"Authorization": f"Bearer {bench.coordinator}"}
            return int((await http.get("/v1/indicators/I-09", headers=headers)).json()["numerator"])

        connection = await Connection.open(bench.gateway)
        before = await counted()
        for number in range(1, FRESHNESS_SAMPLES + 1):
            request = Request.build(bench.gateway, "/v1/calls", bench.ed, an_ed_call(), uuid4().hex)
            await connection.send(request)
            started = time.perf_counter()
            while await counted() < before + number:
                pass
            waits.append((time.perf_counter() - started) * 1000)
        connection.close()
    waits.sort()
    return {"indicator p50 ms": statistics.median(waits), "indicator p99 ms": waits[int(0.99 * len(waits))]}


async def timers(bench: Bench) -> Figures:
    """How late the steps of a thousand waiting calls are, all due within twenty seconds."""
    calls = [names.call(n) for n in bench.numbers(TIMERS)]
    connection = await asyncpg.connect(
        bench.stack.report.database_urls["snp-dispatch"], server_settings={"role": "snp_dispatch_system"}
    )
    try:
        await connection.execute(_SET_TIMERS, calls, float(TIMER_SECONDS))
        await asyncio.sleep(TIMER_SECONDS)
        late: list[float] = []
        async with asyncio.timeout(60):
            while len(late) < TIMERS:
                await asyncio.sleep(1)
                late = [row[0] for row in await connection.fetch(_LATE, calls)]
    finally:
        await connection.close()
    return {"timer p50 s": statistics.median(late), "timer p99 s": statistics.quantiles(late, n=100)[98]}


def _require(load: Load, statuses: set[int]) -> None:
    if set(load.statuses()) != statuses:
        wrong = next(answer for answer in load.answers if answer.status not in statuses)
        raise RuntimeError(f"{load.statuses()}: {wrong.body[:300].decode()}")
