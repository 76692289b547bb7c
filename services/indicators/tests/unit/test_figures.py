import pytest

from indicators.domain.catalogue import Catalogue
from indicators.domain.figures import Tally, value_of


@pytest.mark.parametrize(
    ("numerator", "denominator", "value"), [(1, 3, 33.33), (2, 3, 66.67), (0, 4, 0.0), (4, 4, 100.0), (12, 40, 30.0)]
)
def test_a_rate_is_a_percentage_with_two_decimals(
    catalogue: Catalogue, numerator: int, denominator: int, value: float
) -> None:
    rate = catalogue.find("I-10")
    assert rate is not None
    assert value_of(rate, Tally(numerator, denominator)) == ("computed", None, value)


def test_a_zero_denominator_is_no_rate(catalogue: Catalogue) -> None:
    rate = catalogue.find("I-10")
    assert rate is not None
    assert value_of(rate, Tally(0, 0)) == ("undefined", "denominator_zero", None)


def test_a_count_is_its_numerator(catalogue: Catalogue) -> None:
    count = catalogue.find("I-08")
    assert count is not None
    assert value_of(count, Tally(0)) == ("computed", None, 0)
    assert value_of(count, None) == ("no_source", "no_source", None)
