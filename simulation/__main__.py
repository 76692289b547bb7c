"""`make simulate`: plays all scenarios and seeds, prints the tables, writes the results, the plot, the page's tables.

`python -m simulation winter --seeds 5` plays less and writes nothing. The same seeds give the same bytes.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import product

from simulation import report
from simulation.figures import Figures, figures
from simulation.place import place
from simulation.play import STRATEGIES, Strategy, Town
from simulation.report import Results
from simulation.scenario import load, names
from simulation.world import draw

SEEDS = 30
WORKERS = 2


def play(job: tuple[str, int]) -> dict[Strategy, Figures]:
    """One seed of a scenario under each strategy."""
    name, seed = job
    scenario = load(name)
    where = place(scenario.territory)
    world = draw(scenario, where, seed)
    return {it: figures(scenario, where, world, Town(scenario, where, world, it).play()) for it in STRATEGIES}


def play_all(chosen: list[str], seeds: int) -> Results:
    """Every scenario under the seeds 1, 2, ... on two processes."""
    jobs = list(product(chosen, range(1, seeds + 1)))
    with ProcessPoolExecutor(WORKERS) as pool:
        played = []
        for job, done in zip(jobs, pool.map(play, jobs), strict=True):
            played.append(done)
            print(f"{job[0]} seed {job[1]}", file=sys.stderr)
    by_scenario: Results = {name: {it: [] for it in STRATEGIES} for name in chosen}
    for (name, _), done in zip(jobs, played, strict=True):
        for strategy, found in done.items():
            by_scenario[name][strategy].append(found)
    return by_scenario


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m simulation")
    parser.add_argument("scenario", nargs="*", help=f"of {', '.join(names())}; all when none is given")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    asked = parser.parse_args()
    results = play_all(asked.scenario or names(), asked.seeds)
    print(report.tables(results))
    if not asked.scenario and asked.seeds == SEEDS:
        report.write(results)


if __name__ == "__main__":
    main()
