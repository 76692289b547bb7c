"""Wilson's interval against the values published with it."""

import pytest

from indicators.domain.intervals import Interval, wilson


@pytest.mark.parametrize(
    ("numerator", "denominator", "low", "high"),
    [
        # R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998),
        # table I, method 3.
        (81, 263, 25.53, 36.62),
        (15, 148, 6.24, 16.05),
        (0, 20, 0.0, 16.11),
        (1, 29, 0.61, 17.18),
    ],
)
def test_the_published_intervals_are_found(numerator: int, denominator: int, low: float, high: float) -> None:
    assert wilson(numerator, denominator) == Interval(low, high)


@pytest.mark.parametrize("total", [1, 5, 1000])
def test_an_interval_holds_its_rate_and_stays_between_0_and_100(total: int) -> None:
    for numerator in {0, 1, total // 2, total}:
        found = wilson(numerator, total)
        assert found is not None
        assert 0 <= found.low <= 100 * numerator / total <= found.high <= 100


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 0), (3, 2), (-1, 2)])
def test_what_is_no_rate_has_no_interval(numerator: int, denominator: int) -> None:
    assert wilson(numerator, denominator) is None
