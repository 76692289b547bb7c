"""`make bench`: a stack of its own, the table of figures and `bench/results.json`.

Proposals are measured among ten thousand, a hundred thousand and a million slots, the rest among the million.
The facts of the indicators come last, with servers of their own. `python -m bench holds reads` measures only these and
writes nothing; so do `python -m bench indicators_ingest [count]` and `python -m bench indicators_query [facts]`.
Ratios compare arms of one run on one machine; absolute figures are this machine's.
"""

import gc
import json
import os
import platform
import shutil
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import uvloop

from bench import scenarios, seed
from bench.indicators_ingest import indicators_ingest
from bench.indicators_query import indicators_query
from bench.pathways import pathways
from bench.scenarios import Bench, Figures
from contracts.examples import an_ed_call
from local_stack.checkout import ROOT
from local_stack.stack import Stack

RESULTS = ROOT / "bench" / "results.json"

Scenario = Callable[[Bench], Awaitable[Figures]]
ALL: list[Scenario] = [
    scenarios.proposals,
    scenarios.contention,
    scenarios.holds,
    scenarios.reads,
    scenarios.freshness,
    scenarios.timers,
    pathways,
]
ALONE: dict[str, Callable[[list[str]], Awaitable[Figures]]] = {
    "indicators_ingest": indicators_ingest,
    "indicators_query": indicators_query,
}
"""With servers of their own, and how many facts as an argument."""
TARGETS = {
    "direct / pgbench": (">=", 0.25),
    "gateway / pgbench": (">=", 0.15),
    "gateway / direct": (">=", 0.5),
    "gateway / direct reads": (">=", 0.5),
    "contention p99 ms": ("<", 500.0),
    "proposals p99 ms": ("<", 100.0),
    "indicator p99 ms": ("<", 1000.0),
    "timer p99 s": ("<", 2.0),
    "step due p99 s": ("<", 2.0),
    "this week p99 ms": ("<", 50.0),
    "own week p99 ms": ("<", 50.0),
    "breaks p99 ms": ("<", 50.0),
    "own breaks p99 ms": ("<", 50.0),
    "breaks counted p99 ms": ("<", 50.0),
    "timeline p99 ms": ("<", 50.0),
    "pathways-worker MB": ("<", 300.0),
    "facts/s": (">=", 10_000.0),
    "five p95 ms": ("<", 50.0),
    "dashboard p95 ms": ("<", 1000.0),
    "indicators-worker MB": ("<", 300.0),
}


async def main(wanted: list[str]) -> int:
    """All scenarios, or those that are named; 1 when a target is missed."""
    run_dir = ROOT / ".run" / "bench"
    shutil.rmtree(run_dir, ignore_errors=True)
    async with Stack.on_free_ports(run_dir, sample=True) as stack:
        bench = Bench(stack)
        chosen = [scenario for scenario in ALL if scenario.__name__ in wanted or not wanted]
        # Pathways have rows of their own: alone they need no slots.
        grown = Figures() if chosen == [pathways] else await _seed(bench, measured=scenarios.proposals in chosen)
        figures = grown | await _measure(bench, [it for it in chosen if it is not scenarios.proposals])
    if not wanted:
        for name in ALONE:
            figures |= await _alone(name, [])
        _write(figures)
    return _judge(figures)


async def alone(name: str, arguments: list[str]) -> int:
    """One that has servers of its own; 1 when a target is missed."""
    return _judge(await _alone(name, arguments))


async def _alone(name: str, arguments: list[str]) -> Figures:
    _announce(ALONE[name])
    return _told(await ALONE[name](arguments))


def _judge(figures: Figures) -> int:
    missed = [name for name in TARGETS if name in figures and not _met(name, figures[name])]
    print(f"\nmissed: {', '.join(missed)}" if missed else "\nevery target is met")
    return 1 if missed else 0


async def _seed(bench: Bench, *, measured: bool) -> Figures:
    """Fills the database in steps; at each, proposals are measured. Answers these figures, and the growth."""
    headers = {"Authorization": f"Bearer {bench.ed}", "Idempotency-Key": uuid4().hex}
    async with httpx.AsyncClient(base_url=bench.gateway, headers=headers, timeout=60) as http:
        call = (await http.post("/v1/calls", json=an_ed_call())).raise_for_status().json()
    admin = bench.stack.report.admin_database_url
    if admin is None:
        raise SystemExit("make bench starts its own PostgreSQL: unset the *_DATABASE_URL variables")
    connection = await seed.prepare(admin, call["id"])
    figures, before = Figures(), 0
    for size in seed.SIZES:
        print(f"{size:,} slots ...", flush=True)
        await seed.grow(connection, before, size)
        before = size
        if measured:
            await bench.settled()
            found = await _measure(bench, [scenarios.proposals])
            figures |= found | {f"{name} at {size}": value for name, value in found.items()}
    await seed.finish(connection)
    await bench.settled()
    if measured:
        growth = figures["proposals p99 ms"] / figures[f"proposals p99 ms at {seed.SIZES[0]}"]
        figures |= {"proposals p99, a hundredfold": growth}
        print(f"  proposals p99, {seed.SIZES[0]:,} to {seed.SLOTS:,} slots: x {growth:.2f}", flush=True)
    return figures


async def _measure(bench: Bench, chosen: list[Scenario]) -> Figures:
    figures: Figures = {}
    # The load generator's own pauses must not look like the system's.
    gc.freeze()
    for scenario in chosen:
        _announce(scenario)
        figures |= _told(await scenario(bench))
    return figures


def _announce(scenario: Callable[..., object]) -> None:
    print(f"\n{scenario.__name__}: {(scenario.__doc__ or '').strip()}", flush=True)


def _told(found: Figures) -> Figures:
    for name, value in found.items():
        print(f"  {name:26} {value:10.2f}  {_verdict(name, value)}", flush=True)
    return found


def _verdict(name: str, value: float) -> str:
    if name not in TARGETS:
        return ""
    sign, limit = TARGETS[name]
    return f"(target {sign} {limit:g}: {'met' if _met(name, value) else 'MISSED'})"


def _met(name: str, value: float) -> bool:
    sign, limit = TARGETS[name]
    return value >= limit if sign == ">=" else value < limit


def _write(figures: Figures) -> None:
    report = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "free_slots": seed.SLOTS,
        "targets": {name: f"{sign} {limit:g}" for name, (sign, limit) in TARGETS.items()},
        "figures": {name: round(value, 3) for name, value in figures.items()},
    }
    Path(RESULTS).write_text(json.dumps(report, indent=2) + "\n")
    print(f"\nwritten to {RESULTS.relative_to(ROOT)}")


if __name__ == "__main__":
    name, *others = sys.argv[1:] or [""]
    sys.exit(uvloop.run(alone(name, others) if name in ALONE else main(sys.argv[1:])))
