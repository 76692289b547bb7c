"""Distances between communes, as the crow flies between their centroids."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt

EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG)."""
KM_PER_DEGREE = 111.2
"""Of latitude; a little more than the mean, so that a box never leaves out a commune on its edge."""


@dataclass(frozen=True)
class Commune:
    """A commune by INSEE code, with the centroid of its territory (WGS84)."""

    code: str
    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Neighbour:
    """A commune and its distance in km, rounded to 0.1."""

    commune: Commune
    km: float


def distance_km(one: Commune, other: Commune) -> float:
    """Great-circle distance, haversine formula, rounded to 0.1 km."""
    lat1, lat2 = radians(one.latitude), radians(other.latitude)
    half_lat = (lat2 - lat1) / 2
    half_lon = radians(other.longitude - one.longitude) / 2
    chord = sin(half_lat) ** 2 + cos(lat1) * cos(lat2) * sin(half_lon) ** 2
    return round(2 * EARTH_KM * asin(sqrt(min(1.0, chord))), 1)


class Gazetteer:
    """All communes, in memory: a call names, checks and measures them without a query."""

    def __init__(self, communes: Iterable[Commune]) -> None:
        self._by_latitude = sorted(communes, key=lambda it: (it.latitude, it.code))
        self._latitudes = [it.latitude for it in self._by_latitude]
        self._by_code = {it.code: it for it in self._by_latitude}
        self.around = lru_cache(maxsize=2_000)(self._around)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def name(self, code: str) -> str:
        """The commune's name, or its code when a newer list no longer has it."""
        found = self._by_code.get(code)
        return found.name if found else code

    def distance(self, one: str, other: str) -> float | None:
        """Kilometres between two communes, None when one of them is unknown."""
        if one not in self._by_code or other not in self._by_code:
            return None
        return distance_km(self._by_code[one], self._by_code[other])

    def _around(self, code: str, km: float) -> tuple[Neighbour, ...]:
        """The communes within `km` of one, nearest first, itself included."""
        centre, reach = self._by_code[code], km / KM_PER_DEGREE + 0.01
        low = bisect_left(self._latitudes, centre.latitude - reach)
        high = bisect_right(self._latitudes, centre.latitude + reach)
        # Meridians close in towards the pole: the farther edge of the box is the wider one in degrees.
        wide = reach / max(0.01, cos(radians(abs(centre.latitude) + reach)))
        box = (it for it in self._by_latitude[low:high] if abs(it.longitude - centre.longitude) <= wide)
        near = (Neighbour(it, distance_km(centre, it)) for it in box)
        return tuple(sorted((it for it in near if it.km <= km), key=lambda it: (it.km, it.commune.code)))
