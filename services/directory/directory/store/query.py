"""Conditions on names and places, put together with the filters of a search."""

from collections.abc import Sequence

from kit import query

EARTH_RADIUS_M = 6_371_008.8

_METRES = f"""round({2 * EARTH_RADIUS_M} * asin(least(1, sqrt(
    power(sin(radians(ROW.latitude - ?) / 2), 2)
    + cos(radians(?)) * cos(radians(ROW.latitude)) * power(sin(radians(ROW.longitude - ?) / 2), 2)))))::integer"""
"""Distance of a row with coordinates from a point (great circle)."""


class Query(query.Query):
    """SQL in parts, with what is near and what a name begins with."""

    def metres(self, row: str, latitude: float, longitude: float) -> str:
        """How far this row (a commune) is from a point."""
        return self.bind(_METRES.replace("ROW", row), latitude, latitude, longitude)

    def near(self, latitude: float, longitude: float, radius_km: float) -> str:
        """The communes within a radius with their distance, as a table (insee, metres): cut to a rectangle first."""
        margin = radius_km / 111.0
        # A degree of longitude shrinks with the cosine of the latitude; 0.3 is that of 72 degrees north.
        wide = margin / 0.3
        metres = self.metres("c", latitude, longitude)
        box = self.bind(
            "c.latitude BETWEEN ? AND ? AND c.longitude BETWEEN ? AND ?",
            *(latitude - margin, latitude + margin, longitude - wide, longitude + wide),
        )
        within = self.bind("metres <= ?::float8", radius_km * 1000)
        communes = f"SELECT c.insee, {metres} AS metres FROM commune c WHERE {box}"
        return f"SELECT insee, metres FROM ({communes}) around WHERE {within}"

    def words(self, column: str, normalised: str) -> Sequence[str]:
        """Conditions that every word begins a word of the column (which begins with a space)."""
        return [self.bind(f"{column} LIKE ?", f"% {word}%") for word in normalised.split()]
