"""Tables, results.json, the plot, and the figures of docs/simulation.md."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import TypeAlias

import matplotlib as mpl
from matplotlib import pyplot

from simulation.figures import LABELS, Estimate, Figures, differences, means
from simulation.place import ROOT
from simulation.play import STRATEGIES, Strategy
from simulation.scenario import load

Results: TypeAlias = dict[str, dict[Strategy, list[Figures]]]
"""Scenario -> strategy -> one play a seed."""

RESULTS = ROOT / "simulation" / "results.json"
PLOT = ROOT / "docs" / "simulation.png"
PAGE = ROOT / "docs" / "simulation.md"
PICTURE = "![The same figures as bars](simulation.png)\n"
NAMES: dict[Strategy, str] = {"first_come": "first come", "matcher": "matcher", "batch": "batch"}
PAIRS: tuple[tuple[Strategy, Strategy], ...] = (
    ("matcher", "first_come"),
    ("batch", "first_come"),
    ("batch", "matcher"),
)
_TABLES = re.compile(r"(<!-- tables -->\n).*(<!-- end of tables -->)", re.DOTALL)


def tables(results: Results) -> str:
    """One table a scenario, in Markdown: means, and paired differences with their 95 % intervals."""
    return "\n".join(_table(name, plays) for name, plays in results.items())


def _table(name: str, plays: dict[Strategy, list[Figures]]) -> str:
    first = plays["first_come"]
    calls, seats = (
        round(sum(values) / len(first)) for values in ([it.calls for it in first], [it.seats for it in first])
    )
    lines = [
        f"### {load(name).label}: {calls} calls, {seats} seats, {len(first)} seeds\n",
        f"| | {' | '.join(NAMES.values())} | {' | '.join(f'{NAMES[one]} - {NAMES[two]}' for one, two in PAIRS)} |",
        "|---|" + "--:|" * (len(STRATEGIES) + len(PAIRS)),
    ]
    shown = {strategy: means(found) for strategy, found in plays.items()}
    changes = [differences(plays[one], plays[two]) for one, two in PAIRS]
    rows = (row(it, [shown[one][it].mean for one in STRATEGIES], [one[it] for one in changes]) for it in LABELS)
    return "\n".join([*lines, *rows]) + "\n"


def row(figure: str, values: Iterable[float], changes: Iterable[Estimate]) -> str:
    """One figure under each strategy, then the differences of `PAIRS`."""
    cells = [*(_number(figure, it) for it in values), *(_change(figure, it) for it in changes)]
    return f"| {LABELS[figure]} | {' | '.join(cells)} |"


def _number(figure: str, value: float) -> str:
    return f"{value:.3f}" if figure == "gini" else f"{value:.1f}"


def _change(figure: str, it: Estimate) -> str:
    digits = 3 if figure == "gini" else 2
    text = f"{it.mean:+.{digits}f} [{it.low:+.{digits}f}, {it.high:+.{digits}f}]"
    return f"**{text}**" if it.clear else text


def write(results: Results) -> None:
    """Keeps what was played: JSON, plot, and the tables of the page."""
    RESULTS.write_text(json.dumps(_summary(results), indent=1) + "\n")
    plot(results)
    page = PAGE.read_text(encoding="utf-8")
    shown = f"{tables(results)}\n{PICTURE}\n"
    PAGE.write_text(_TABLES.sub(lambda found: found[1] + shown + found[2], page), encoding="utf-8")


def _summary(results: Results) -> dict[str, object]:
    return {
        name: {
            "seeds": len(plays["first_come"]),
            "means": {it: _plain(means(found)) for it, found in plays.items()},
            "differences": {f"{one} - {two}": _plain(differences(plays[one], plays[two])) for one, two in PAIRS},
        }
        for name, plays in results.items()
    }


def _plain(estimates: dict[str, Estimate]) -> dict[str, dict[str, float]]:
    return {name: asdict(it) for name, it in estimates.items()}


def plot(results: Results) -> None:
    """A panel a figure: bars by scenario and strategy, with the 95 % intervals of the means."""
    mpl.use("Agg")
    figure, panels = pyplot.subplots(2, 4, figsize=(15, 7))
    for panel, (name, label) in zip(panels.flat, LABELS.items(), strict=False):
        for number, strategy in enumerate(STRATEGIES):
            found = [means(plays[strategy])[name] for plays in results.values()]
            places = [n + 0.27 * (number - 1) for n in range(len(results))]
            reach = [[it.mean - it.low for it in found], [it.high - it.mean for it in found]]
            panel.bar(places, [it.mean for it in found], 0.25, yerr=reach, capsize=2, label=NAMES[strategy])
        panel.set_title(label)
        panel.set_xticks(range(len(results)), list(results))
    panels.flat[-1].axis("off")
    panels.flat[-1].legend(*panels.flat[0].get_legend_handles_labels(), loc="center", frameon=False)
    figure.tight_layout()
    figure.savefig(PLOT, dpi=80, metadata={"Software": None})
    pyplot.close(figure)
