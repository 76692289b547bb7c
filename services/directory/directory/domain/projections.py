"""From the projected coordinates of French files to degrees (WGS84).

Lambert-93 (EPSG:2154) as IGN writes it (algorithms ALG0002 and ALG0004), and the UTM zones overseas (EPSG:5490,
4559, 2972, 2975, 4471) by Krüger's series. RGF93, RGAF09, RGFG95, RGR92 and RGM04 are WGS84 to within a metre.
Checked against PROJ to a tenth of a metre (tests): it would be 10 MB of dependency for six formulas.
"""

from collections.abc import Callable
from math import atan, atanh, cos, cosh, degrees, exp, hypot, log, pi, sin, sinh, sqrt
from re import compile as pattern

_AXIS, _FLATTENING = 6_378_137.0, 1 / 298.257222101
_E = sqrt(_FLATTENING * (2 - _FLATTENING))

# Of the projection Lambert-93: exponent, constant, false easting and northing of the pole.
_N, _C, _XS, _YS = 0.7256077650532670, 11_754_255.4260960, 700_000.0, 12_655_612.0498760

Degrees = tuple[float, float]
"""Latitude, longitude."""


def lambert93(easting: float, northing: float) -> Degrees:
    """Metres of Lambert-93 to degrees."""
    dx, dy = easting - _XS, _YS - northing
    isometric = -log(hypot(dx, dy) / _C) / _N
    latitude = 2 * atan(exp(isometric)) - pi / 2
    for _ in range(8):
        eccentric = ((1 + _E * sin(latitude)) / (1 - _E * sin(latitude))) ** (_E / 2)
        latitude = 2 * atan(eccentric * exp(isometric)) - pi / 2
    return degrees(latitude), 3 + degrees(atan(dx / dy) / _N)


def utm(zone: int, *, south: bool) -> Callable[[float, float], Degrees]:
    """Metres of a UTM zone to degrees."""

    def degrees_of(easting: float, northing: float) -> Degrees:
        return _transverse_mercator(easting, northing - (10_000_000.0 if south else 0.0), 6 * zone - 183)

    return degrees_of


def _transverse_mercator(easting: float, northing: float, meridian: float) -> Degrees:
    """Inverse of Krüger's series, to the third order: millimetres within a zone."""
    n = _FLATTENING / (2 - _FLATTENING)
    radius = 0.9996 * _AXIS / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    series = (n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96, n**2 / 48 + n**3 / 15, 17 * n**3 / 480)
    xi, eta = northing / radius, (easting - 500_000) / radius
    order = tuple(enumerate(series, 1))
    xi_plane = xi - sum(b * sin(2 * j * xi) * cosh(2 * j * eta) for j, b in order)
    eta_plane = eta - sum(b * cos(2 * j * xi) * sinh(2 * j * eta) for j, b in order)
    conformal = sin(xi_plane) / cosh(eta_plane)
    longitude = atan(sinh(eta_plane) / cos(xi_plane))
    return degrees(_geodetic(conformal)), meridian + degrees(longitude)


def _geodetic(sine_of_conformal: float) -> float:
    """Latitude whose conformal latitude has this sine."""
    psi = atanh(sine_of_conformal)
    latitude = atan(sinh(psi))
    for _ in range(6):
        latitude = atan(sinh(psi + _E * atanh(_E * sin(latitude))))
    return latitude


_NAMED = pattern(r"EPSG:(\d{4,5})|UTM[_ ]?([NS])(\d{2})|(LAMBERT[_ -]?93)")
_BY_EPSG: dict[str, Callable[[float, float], Degrees]] = {
    "2154": lambert93,
    "5490": utm(20, south=False),
    "4559": utm(20, south=False),
    "2972": utm(22, south=False),
    "2975": utm(40, south=True),
    "4471": utm(38, south=True),
}


def projection_of(source: str) -> Callable[[float, float], Degrees] | None:
    """The projection that a FINESS source field names (`1,ATLASANTE,96,BAN,EPSG:2154 RGF93 / ...`); None if unknown."""
    found = _NAMED.search(source.upper())
    if found is None:
        return None
    if found[1]:
        return _BY_EPSG.get(found[1])
    return lambert93 if found[4] else utm(int(found[3]), south=found[2] == "S")


_METROPOLE = ((41.0, 52.0), (-6.0, 10.0))
_OVERSEAS = {
    "971": ((15.7, 18.2), (-63.3, -60.8)),
    "972": ((14.2, 15.0), (-61.4, -60.6)),
    "973": ((2.0, 6.0), (-55.0, -51.0)),
    "974": ((-21.6, -20.7), (55.0, 56.0)),
    "976": ((-13.2, -12.4), (44.8, 45.5)),
}
"""Latitudes and longitudes of a département."""


def located(pairs: list[Degrees], commune: str) -> Degrees | None:
    """The point behind pairs of numbers that may be degrees or Lambert-93, in either order (FINESS+).

    Decided by value: what does not lie in the part of France of this commune (INSEE code) is no point.
    """
    box = _OVERSEAS.get(commune[:3], _METROPOLE)
    both = [point for a, b in pairs for point in ((a, b), (b, a))]
    for point in both:
        if _inside(point, box):
            return point
    for easting, northing in both if box is _METROPOLE else []:
        if 0.1e6 <= easting <= 1.3e6 and 6.0e6 <= northing <= 7.2e6:
            return lambert93(easting, northing)
    return None


def _inside(point: Degrees, box: tuple[Degrees, Degrees]) -> bool:
    return all(low <= value <= high for value, (low, high) in zip(point, box, strict=True))
