from collections.abc import Sequence

import pytest

from directory.domain.communes import CommuneIndex, CommuneName

NAMES = [
    CommuneName("35236", "Redon", ("35600",)),
    CommuneName("35294", "Sainte-Marie", ("35600",)),
    CommuneName("56061", "La Gacilly", ("56200",)),
    CommuneName("56061", "Glénac", ("56200",)),
    CommuneName("56060", "Les Fougerêts", ("56200",)),
    CommuneName("35064", "La Chapelle-de-Brain", ("35660",)),
    CommuneName("75056", "Paris", ("75001", "75012")),
    CommuneName("2A004", "Ajaccio", ("20000",)),
    # Two communes that share a name and a postal code exist: nothing tells them apart.
    CommuneName("01001", "Le Bourg", ("01999",)),
    CommuneName("01002", "Bourg", ("01999",)),
]


@pytest.fixture(scope="module")
def index() -> CommuneIndex:
    return CommuneIndex(NAMES, {"35036": "35064", "56064": "56061", "75112": "75056"})


@pytest.mark.parametrize(
    ("code", "postal_code", "names", "found"),
    [
        ("35236", "", (), "35236"),
        ("35036", "", (), "35064"),
        ("75112", "75012", ("Paris 12",), "75056"),
        ("", "35600", ("", "35600 STE MARIE"), "35294"),
        ("", "56200", ("GLENAC",), "56061"),
        ("", "56200", ("56200 FOUGERETS",), "56060"),
        ("", "35605", ("35605 REDON CEDEX",), "35236"),
        ("", "20000", ("AJACCIO",), "2A004"),
        ("99999", "35600", ("Redon",), "35236"),
        ("", "35660", (), "35064"),
        ("", "35600", (), None),
        ("", "35600", ("ZONE ARTISANALE",), None),
        ("", "35660", ("ELSEWHERE",), None),
        ("", "01999", ("BOURG",), None),
        ("98818", "98800", ("NOUMEA",), None),
        ("", "", (), None),
    ],
)
def test_an_address_leads_to_its_commune_or_to_nothing(
    index: CommuneIndex, code: str, postal_code: str, names: Sequence[str], found: str | None
) -> None:
    assert index.resolve(code, postal_code, names) == found
