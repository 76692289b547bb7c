"""How sure a rate is: the confidence interval that its number of observations allows."""

from dataclasses import dataclass
from math import sqrt

_Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution: 95 % of the cases lie between -z and z."""
_DECIMALS = 2


@dataclass(frozen=True)
class Interval:
    """Between `low` and `high` the true rate lies in 95 % of the cases, in percent."""

    low: float
    high: float


def wilson(numerator: int, denominator: int) -> Interval | None:
    """The 95 % confidence interval of a rate, in percent with two decimals; None where no rate can be.

    Wilson's score interval without continuity correction (E. B. Wilson, JASA 22, 1927; method 3 of R. G. Newcombe,
    Statistics in Medicine 17, 1998): unlike the usual one it holds for few observations and near 0 and 100 %.
    """
    if not 0 <= numerator <= denominator or not denominator:
        return None
    rate, weight = numerator / denominator, _Z**2 / denominator
    centre = rate + weight / 2
    spread = _Z * sqrt(rate * (1 - rate) / denominator + weight / (4 * denominator))
    low, high = ((centre + side * spread) / (1 + weight) for side in (-1, 1))
    return Interval(round(100 * max(low, 0), _DECIMALS), round(100 * min(high, 1), _DECIMALS))
