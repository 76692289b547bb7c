from pathlib import Path

import pytest

from kit.csv_columns import read_columns
from kit.territories import BadFileError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "communes.csv"
    path.write_text('code,name,population\n35236,Redon,9300\n2A004,"Ajaccio, ville",72000\n', encoding="utf-8")
    return path


def test_columns_come_in_the_order_that_was_asked_for(file: Path) -> None:
    assert list(read_columns(file, "name", "code")) == [("Redon", "35236"), ("Ajaccio, ville", "2A004")]


def test_one_column_is_a_tuple_too(file: Path) -> None:
    assert list(read_columns(file, "code")) == [("35236",), ("2A004",)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("code\n35236\n", "communes.csv: name: no such column"),
        ("", "communes.csv: code: no such column"),
        ("code,name\n35236,Redon\n35001\n", "communes.csv: line 3: too few columns"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "communes.csv"
    path.write_text(content)
    with pytest.raises(BadFileError, match=problem):
        list(read_columns(path, "code", "name"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFileError, match=r"none\.csv: no such file"):
        list(read_columns(tmp_path / "none.csv", "code"))
