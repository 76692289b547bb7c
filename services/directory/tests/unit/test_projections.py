"""Points as PROJ 9 (pyproj 3.7) gives them."""

import csv
import json
from pathlib import Path

import pytest

from directory.domain.projections import lambert93, located, projection_of

A_DECIMETRE = 1e-6


@pytest.mark.parametrize(
    ("epsg", "easting", "northing", "longitude", "latitude"),
    [
        (2154, 318928.52, 6741425.61, -2.0808013, 47.6628394),
        (2154, 700000, 6600000, 3.0, 46.5),
        (2154, 1200000, 6100000, 9.0108717, 41.8295061),
        (2154, 150000, 6850000, -4.4583226, 48.5162966),
        (5490, 655000, 1797000, -61.5496111, 16.2487495),
        (5490, 710000, 1615000, -61.0505541, 14.6001286),
        (2972, 355000, 545000, -52.3077709, 4.9293774),
        (2975, 340000, 7690000, 55.4618158, -20.8833187),
        (4471, 520000, 8590000, 45.1842518, -12.7545528),
    ],
)
def test_known_points(epsg: int, easting: float, northing: float, longitude: float, latitude: float) -> None:
    projection = projection_of(f"1,ATLASANTE,96,BAN,EPSG:{epsg} ...")
    assert projection is not None
    assert projection(easting, northing) == pytest.approx((latitude, longitude), abs=A_DECIMETRE)


def test_older_files_name_the_zone_only() -> None:
    for source, epsg in (("LAMBERT_93", 2154), ("UTM_N20", 5490), ("utm_s40", 2975)):
        named, numbered = projection_of(source), projection_of(f"EPSG:{epsg}")
        assert named is not None
        assert numbered is not None
        assert named(355000, 6545000) == numbered(355000, 6545000)
    assert projection_of("EPSG:9999") is None
    assert projection_of("plan cadastral") is None


@pytest.mark.parametrize(
    "pairs",
    [
        [(-2.080801, 47.662839), (6741425.61, 318928.52)],
        [(6741425.61, 318928.52), (47.662839, -2.080801)],
        [(318928.52, 6741425.61)],
        [(6741425.61, 318928.52)],
    ],
)
def test_pairs_are_read_by_their_values(pairs: list[tuple[float, float]]) -> None:
    assert located(pairs, "35236") == pytest.approx((47.662839, -2.080801), abs=2e-6)


def test_a_point_elsewhere_is_none() -> None:
    assert located([(0.0, 0.0)], "35236") is None
    assert located([(55.45, -20.88)], "97411") == (-20.88, 55.45)
    assert located([(47.66, -2.08)], "97411") is None
    # Projected coordinates overseas do not say their zone.
    assert located([(340000, 6700000)], "97411") is None


def test_the_two_samples_agree(deploy_dir: Path) -> None:
    reference = deploy_dir / "reference"
    with (reference / "finess_geoloc_sample.csv").open(encoding="utf-8") as file:
        points = {row[1]: row for row in csv.reader(file, delimiter=";") if row[0] == "geolocalisation"}
    plus = json.loads((reference / "finess_plus_sample.json").read_text(encoding="utf-8"))
    compared = 0
    for site in (site for entity in plus["pmej"] for site in entity["ege"]):
        if (point := points.get(site["informationsGeneralesEGE"]["numFinessEge"])) is not None:
            told = site["adresse"][0]["coordonneesGeographique"]
            pairs = [
                (float(told["coordonneeX"]), float(told["coordonneeY"])),
                (float(told["directionLatitude"]), float(told["directionLongitude"])),
            ]
            assert located(pairs, "35236") == pytest.approx(lambert93(float(point[2]), float(point[3])), abs=2e-5)
            compared += 1
    assert compared == 58
