"""Distances and neighbours."""

import pytest

from snp_dispatch.domain.ages import age_band
from snp_dispatch.domain.geography import Commune, Gazetteer, distance_km

REDON = Commune("35236", "Redon", 47.66113, -2.08026)
RENNES = Commune("35238", "Rennes", 48.11198, -1.68186)
ALLAIRE = Commune("56001", "Allaire", 47.63796, -2.16423)
BREST = Commune("29019", "Brest", 48.40029, -4.50230)
GAZETTEER = Gazetteer([REDON, RENNES, ALLAIRE, BREST])


@pytest.mark.parametrize(
    ("one", "other", "km"), [(REDON, REDON, 0.0), (REDON, ALLAIRE, 6.8), (REDON, RENNES, 58.3), (RENNES, REDON, 58.3)]
)
def test_distance(one: Commune, other: Commune, km: float) -> None:
    assert distance_km(one, other) == pytest.approx(km, abs=0.1)


@pytest.mark.parametrize(
    ("km", "codes"),
    [
        (0.0, ["35236"]),
        (10.0, ["35236", "56001"]),
        (distance_km(REDON, RENNES), ["35236", "56001", "35238"]),
        (1000.0, ["35236", "56001", "35238", "29019"]),
    ],
)
def test_neighbours_come_nearest_first(km: float, codes: list[str]) -> None:
    assert [it.commune.code for it in GAZETTEER.around("35236", km)] == codes


def test_the_box_leaves_nobody_out() -> None:
    ring = [Commune(f"{n:05}", "", 47.0 + (n % 40) * 0.02, -2.4 + (n // 40) * 0.02) for n in range(1600)]
    gazetteer = Gazetteer([REDON, *ring])
    near = {it.commune.code for it in gazetteer.around("35236", 25.0)}
    assert near == {"35236"} | {it.code for it in ring if distance_km(REDON, it) <= 25.0}


def test_unknown_communes() -> None:
    assert "99999" not in GAZETTEER
    assert GAZETTEER.distance("35236", "99999") is None
    assert GAZETTEER.name("99999") == "99999"


@pytest.mark.parametrize(
    ("age", "band"), [(0, "0-9"), (9, "0-9"), (10, "10-19"), (67, "60-69"), (89, "80-89"), (90, "90+"), (118, "90+")]
)
def test_age_band(age: int, band: str) -> None:
    assert age_band(age) == band
