"""The page, the plot and the committed results are of one run."""

import json
from typing import Any

import pytest

from simulation import report
from simulation.figures import LABELS, Estimate
from simulation.play import STRATEGIES
from simulation.scenario import load, names

KEPT: dict[str, Any] = json.loads(report.RESULTS.read_text())


def test_every_scenario_was_played_over_enough_seeds() -> None:
    assert sorted(KEPT) == names()
    assert all(it["seeds"] >= 30 for it in KEPT.values())
    assert report.PLOT.stat().st_size > 10_000


@pytest.mark.parametrize("scenario", sorted(KEPT))
def test_the_tables_of_the_page_are_those_of_the_results(scenario: str) -> None:
    found = KEPT[scenario]
    page = report.PAGE.read_text(encoding="utf-8").split("<!-- tables -->")[1].split("<!-- end of tables -->")[0]
    heading, *lines = page.split(f"### {load(scenario).label}: ")[1].split("\n### ")[0].splitlines()
    assert heading.endswith(f"{found['seeds']} seeds")
    shown = [line for line in lines if line.startswith("| ") and not line.startswith("| |")]
    assert shown == [report.row(figure, _means(found, figure), _changes(found, figure)) for figure in LABELS]


def _means(found: Any, figure: str) -> list[float]:
    return [found["means"][it][figure]["mean"] for it in STRATEGIES]


def _changes(found: Any, figure: str) -> list[Estimate]:
    return [Estimate(**found["differences"][f"{one} - {two}"][figure]) for one, two in report.PAIRS]
