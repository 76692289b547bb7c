"""Minutes and kilometres from a territory's file, the straight line for the rest; a wrong line is named."""

from pathlib import Path

import pytest

from kit.territories import BadFileError
from snp_dispatch.domain.distances import StraightLine, Travel
from snp_dispatch.domain.geography import Commune, Gazetteer
from snp_dispatch.store.travel_times import load_travel_times

REDON, ALLAIRE, RENNES = "35236", "56001", "35238"
PLACES = Gazetteer(
    [
        Commune(REDON, "Redon", 47.6556, -2.0789),
        Commune(ALLAIRE, "Allaire", 47.6372, -2.1631),
        Commune(RENNES, "Rennes", 48.1119, -1.6817),
    ]
)
SAMPLE = "from,to,minutes,km\n35236,56001,11,8.4\n56001,35236,12.5,8.6\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "territory.yaml").touch()
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / "here" / "travel-times.csv").write_text(text, encoding="utf-8")


def test_a_territory_without_a_file_goes_by_the_straight_line(folder: Path) -> None:
    assert load_travel_times(folder, PLACES) == {}
    assert StraightLine(PLACES).between(REDON, ALLAIRE) == Travel(6.6, None, "straight_line")
    assert StraightLine(PLACES).between(REDON, "99999") is None


def test_each_way_has_its_own_minutes_and_what_is_missing_says_so(folder: Path) -> None:
    write(folder, SAMPLE)
    there = load_travel_times(folder, PLACES)["here"]
    assert there.between(REDON, ALLAIRE) == Travel(8.4, 11.0, "travel_times")
    assert there.between(ALLAIRE, REDON) == Travel(8.6, 12.5, "travel_times")
    missing = there.between(REDON, RENNES)
    assert missing is not None
    assert (missing.minutes, missing.source) == (None, "straight_line")
    write(folder, SAMPLE + "35236,35238,55,66\n")
    assert load_travel_times(folder, PLACES)["here"].version != there.version


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("from,to,km\n", "line 1: the columns"),
        (SAMPLE + "35236,99999,3,2\n", "line 4: to: no commune '99999'"),
        (SAMPLE + "35236,35238,soon,2\n", "line 4"),
        (SAMPLE + "35236,35238,-1,2\n", "line 4: minutes must lie"),
        (SAMPLE + "35236,35238,nan,2\n", "line 4: minutes must lie"),
        (SAMPLE + "35236,35238,3\n", "line 4: four values"),
        (SAMPLE + "35236,35238,3,4,5\n", "line 4: four values"),
        (SAMPLE + "35236,56001,3,4\n", "line 4: 35236 to 56001 stands twice"),
        ("", "line 1"),
    ],
)
def test_a_wrong_line_is_named(folder: Path, text: str, said: str) -> None:
    write(folder, text)
    with pytest.raises(BadFileError) as refused:
        load_travel_times(folder, PLACES)
    assert said in str(refused.value)
    assert "travel-times.csv" in str(refused.value)
