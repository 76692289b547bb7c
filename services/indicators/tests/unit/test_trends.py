"""When an expected arrow is reached, as a coordinator can read it."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from indicators.domain.catalogue import Catalogue
from indicators.domain.goals import Baseline, Target
from indicators.domain.periods import parse_period
from indicators.domain.trends import Comparison, judge, stated

PERIOD = parse_period("2026-Q3", ZoneInfo("Europe/Paris"))


@pytest.mark.parametrize(
    ("expected", "value", "held", "compared", "judged"),
    [
        ("up", 31, "target", 30, "reached"),
        ("up", 30, "target", 30, "reached"),
        ("up", 29, "target", 30, "not_reached"),
        ("down", 9, "target", 10, "reached"),
        ("down", 10, "target", 10, "reached"),
        ("down", 11, "target", 10, "not_reached"),
        ("up", 31, "baseline", 30, "reached"),
        ("up", 30, "baseline", 30, "not_reached"),
        ("down", 11.1, "baseline", 11.1, "not_reached"),
        ("down", 11.0, "baseline", 11.1, "reached"),
        ("up", 5, "previous_period", 0, "reached"),
        ("up", 0, "previous_period", 0, "not_reached"),
        ("down", 0, "previous_period", 0, "not_reached"),
        # Within ten percent of what it is compared with: the edge belongs to it.
        ("stable", 110, "previous_period", 100, "reached"),
        ("stable", 90, "previous_period", 100, "reached"),
        ("stable", 111, "previous_period", 100, "not_reached"),
        ("stable", 89, "target", 100, "not_reached"),
        ("stable", 1, "previous_period", 0, "not_reached"),
        ("stable", 0, "previous_period", 0, "reached"),
        ("up", 100, None, None, "too_early"),
    ],
)
def test_the_rule(*, catalogue: Catalogue, expected: Any, value: float, held: Any, compared: Any, judged: str) -> None:
    indicator = catalogue.indicators[0].model_copy(
        update={"expected_trend": expected, "stable_within_percent": 10 if expected == "stable" else None}
    )
    comparison = Comparison(held, compared) if held else None
    found = judge(indicator, PERIOD, value, comparison, is_open=False)
    assert (found.expected, found.judged, found.compared_with) == (expected, judged, comparison)
    assert judge(indicator, PERIOD, value, comparison, is_open=True).judged == "too_early"


@pytest.mark.parametrize(
    ("by", "judged"),
    [(date(2027, 12, 31), "too_early"), (date(2026, 10, 1), "too_early"), (date(2026, 9, 30), "not_reached")],
)
def test_a_target_that_is_not_met_has_time_until_its_day(catalogue: Catalogue, by: date, judged: str) -> None:
    target = Target(value=10, by=by, source="projet de santé")
    indicator = catalogue.indicators[0].model_copy(update={"target": target})
    held = stated(indicator, PERIOD)
    assert held == Comparison("target", 10)
    assert judge(indicator, PERIOD, 11, held, is_open=False).judged == judged
    assert judge(indicator, PERIOD, 10, held, is_open=False).judged == "reached"


@pytest.mark.parametrize(
    ("target", "baseline", "held"),
    [
        ("quarter", "quarter", "target"),
        ("year", "quarter", "baseline"),
        ("any", "year", "target"),
        ("half_year", "year", None),
        (None, "any", "baseline"),
        (None, None, None),
    ],
)
def test_the_target_comes_before_the_baseline_and_each_has_its_kind_of_period(
    catalogue: Catalogue, target: Any, baseline: Any, held: str | None
) -> None:
    indicator = catalogue.indicators[0].model_copy(
        update={
            "target": target and Target(value=1, period=target, source="s"),
            "baseline": baseline and Baseline(value=2, period=baseline, source="s"),
        }
    )
    found = stated(indicator, PERIOD)
    assert (found and found.kind) == held
