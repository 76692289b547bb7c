"""Distances between communes, as the crow flies between their centroids."""

from collections.abc import Mapping
from math import asin, cos, radians, sin, sqrt

_EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG)."""


class Centroids:
    """The centroids of communes (WGS84, degrees), by INSEE code."""

    def __init__(self, places: Mapping[str, tuple[float, float]]) -> None:
        self._places = places

    def distance(self, one: str, other: str) -> float | None:
        """Kilometres (haversine, rounded to 0.1), None when one of them is unknown."""
        if one not in self._places or other not in self._places:
            return None
        (lat1, lon1), (lat2, lon2) = (map(radians, self._places[code]) for code in (one, other))
        chord = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
        return round(2 * _EARTH_KM * asin(sqrt(min(1.0, chord))), 1)
