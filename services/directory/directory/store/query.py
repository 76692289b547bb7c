"""Putting optional filters of a search together, with the values as parameters."""

from collections.abc import Sequence
from typing import Any

EARTH_RADIUS_M = 6_371_008.8

NEAR = f"""
SELECT insee, metres FROM (
    SELECT insee, round({2 * EARTH_RADIUS_M} * asin(least(1, sqrt(
        power(sin(radians(latitude - ?) / 2), 2)
        + cos(radians(?)) * cos(radians(latitude)) * power(sin(radians(longitude - ?) / 2), 2)))))::integer AS metres
    FROM commune WHERE latitude BETWEEN ? AND ? AND longitude BETWEEN ? AND ?
) around WHERE metres <= ?::float8
"""
"""Communes around a point with their distance (great circle), cut to a rectangle by index first."""


class Query:
    """SQL in parts. Each `?` of a part becomes the next `$n`."""

    def __init__(self) -> None:
        self.args: list[Any] = []

    def bind(self, sql: str, *values: Any) -> str:
        """The part with its parameters numbered."""
        for value in values:
            self.args.append(value)
            sql = sql.replace("?", f"${len(self.args)}", 1)
        return sql

    def near(self, latitude: float, longitude: float, radius_km: float) -> str:
        """The communes within a radius, as a table (insee, metres)."""
        margin = radius_km / 111.0
        # A degree of longitude shrinks with the cosine of the latitude; 0.3 is that of 72 degrees north.
        wide = margin / 0.3
        box = (latitude - margin, latitude + margin, longitude - wide, longitude + wide)
        return self.bind(NEAR, latitude, latitude, longitude, *box, radius_km * 1000)

    def words(self, column: str, normalised: str) -> Sequence[str]:
        """Conditions that every word begins a word of the column (which begins with a space)."""
        return [self.bind(f"{column} LIKE ?", f"% {word}%") for word in normalised.split()]
