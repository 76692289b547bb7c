"""How far a place is: behind a protocol, so that a routing engine can take the place of the straight line.

Whether a place is within reach is always a matter of the straight line (`max_distance_km`, `reach`): it is known
for every pair. What the way costs in the order of proposals goes by minutes where a source of them has the pair.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from snp_dispatch.domain.geography import Gazetteer

STRAIGHT_LINE = "straight_line"


@dataclass(frozen=True)
class Travel:
    """The way between two communes. `minutes` is None where the source does not know them."""

    km: float
    minutes: float | None
    source: str


class Distances(Protocol):
    """Where kilometres and minutes come from. Codes are INSEE codes; the way there may differ from the way back."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    def between(self, one: str, other: str) -> Travel | None:
        """The way from one commune to another; None when one of them is unknown."""
        ...


@dataclass(frozen=True)
class StraightLine:
    """As the crow flies between the centroids of communes; no minutes."""

    gazetteer: Gazetteer
    name: str = STRAIGHT_LINE
    version: str = "1"

    def between(self, one: str, other: str) -> Travel | None:
        km = self.gazetteer.distance(one, other)
        return None if km is None else Travel(km, None, self.name)


@dataclass(frozen=True)
class Matrix:
    """Travel times by road from a file. A pair that it does not have falls back to the straight line, and says so."""

    pairs: Mapping[tuple[str, str], tuple[float, float]]
    fallback: Distances
    version: str
    name: str = "travel_times"

    def between(self, one: str, other: str) -> Travel | None:
        found = self.pairs.get((one, other))
        if found is None:
            return self.fallback.between(one, other)
        minutes, km = found
        return Travel(km, minutes, self.name)
