"""The load of a practitioner, by hand."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from snp_dispatch.domain.fairness import decayed, load_of, median_load
from snp_dispatch.domain.policy import Fairness

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
RULES = Fairness(half_life_days=14, full_load=4)


def days_ago(*ages: float) -> list[datetime]:
    return [NOW - timedelta(days=age) for age in ages]


@pytest.mark.parametrize(
    ("ages", "load", "share"),
    [
        ((), 0, 0),
        ((0,), 1, 0.25),
        ((14,), 0.5, 0.12),
        ((0, 14, 28), 1.75, 0.44),
        ((0,) * 4, 4, 1),
        ((0,) * 40, 40, 1),
        ((-1,), 1, 0.25),
    ],
)
def test_a_visit_counts_half_after_each_half_life(ages: tuple[float, ...], load: float, share: float) -> None:
    assert decayed(RULES, days_ago(*ages), NOW) == pytest.approx(load)
    assert load_of(RULES, days_ago(*ages), NOW) == share


def test_the_order_of_the_visits_does_not_matter() -> None:
    ages = [n * 0.37 for n in range(50)]
    first = decayed(RULES, days_ago(*ages), NOW)
    Random(1).shuffle(ages)
    assert decayed(RULES, days_ago(*ages), NOW) == first


def test_the_load_in_the_middle() -> None:
    assert median_load(RULES, [], NOW) == 0
    assert median_load(RULES, [days_ago(0), days_ago(0, 0, 0), days_ago(14)], NOW) == 1
