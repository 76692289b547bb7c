"""Traps of the real file (docs: FORMATS of the RPPS extract)."""

from datetime import datetime
from pathlib import Path

import pytest

from directory.domain.rpps_file import (
    HeaderRefusedError,
    Layout,
    LineRefusedError,
    extracted_at,
    read_header,
    read_line,
    warning_of,
)

PROFESSIONS = {"10", "60"}


@pytest.fixture(scope="module")
def header(sample: Path) -> bytes:
    return sample.read_bytes().partition(b"\n")[0]


@pytest.fixture
def layout(header: bytes) -> Layout:
    return read_header(header)


def line_of(header: bytes, **cells: str) -> bytes:
    """A line with this header's columns; names are those of the columns, spaces as `_`."""
    names = header.decode("utf-8-sig").split("|")
    values = {
        "Type d'identifiant PP": "8",
        "Identifiant PP": "99000000093",
        "Nom d'exercice": "MORZILAREC",
        "Prénom d'exercice": "Donatien",
        "Code profession": "10",
        **{name.replace("_", " "): value for name, value in cells.items()},
    }
    assert set(values) <= set(names)
    return "|".join(values.get(name, "") for name in names).encode()


def refusal(layout: Layout, raw: bytes | None) -> LineRefusedError:
    with pytest.raises(LineRefusedError) as refused:
        read_line(layout, raw, PROFESSIONS)
    return refused.value


def test_a_line_is_read_by_column_name(header: bytes, layout: Layout) -> None:
    line = read_line(layout, line_of(header, Code_profession="60"), PROFESSIONS)
    assert (line.rpps, line.family_name, line.profession, line.skill) == ("99000000093", "MORZILAREC", "60", "")


@pytest.mark.parametrize("shape", ["bom", "without_end", "windows", "shuffled", "capitals"])
def test_headers_that_mean_the_same(header: bytes, shape: str) -> None:
    names = header.decode().rstrip("|").split("|")
    shaped = {
        "bom": b"\xef\xbb\xbf" + header,
        "without_end": header.rstrip(b"|"),
        "windows": header,
        "shuffled": "|".join(reversed(names)).encode(),
        "capitals": "|".join(name.upper().replace("'", "’") for name in names).encode(),
    }[shape]
    layout = read_header(shaped)
    line = read_line(layout, line_of_layout(shaped), PROFESSIONS)
    assert (line.rpps, line.given_name) == ("99000000093", "Donatien")


def line_of_layout(header: bytes) -> bytes:
    known = {"identifiant pp": "99000000093", "type d'identifiant pp": "8", "nom d'exercice": "MORZILAREC"}
    known |= {"prénom d'exercice": "Donatien", "code profession": "10"}
    names = header.decode("utf-8-sig").lower().replace("’", "'").split("|")
    return "|".join(known.get(name, "") for name in names).encode()


def test_files_of_2021_have_52_columns(header: bytes) -> None:
    old = b"|".join(header.split(b"|")[:52])
    layout = read_header(old)
    assert layout.width == 52
    line = read_line(layout, line_of(old), PROFESSIONS)
    assert (line.role, line.kind_of_activity) == ("", "")


@pytest.mark.parametrize("end", [b"", b"|"])
def test_a_line_may_end_with_its_separator_whatever_the_header_does(header: bytes, end: bytes) -> None:
    for first in (header, header.rstrip(b"|")):
        bare = line_of(header.rstrip(b"|"))
        assert read_line(read_header(first), bare + end, PROFESSIONS).rpps == "99000000093"


def test_quotes_and_backslashes_are_plain(header: bytes, layout: Layout) -> None:
    raw = line_of(header, Raison_sociale_site='SCM "LES \\ AJONCS')
    assert read_line(layout, raw, PROFESSIONS).site_name == 'SCM "LES \\ AJONCS'


@pytest.mark.parametrize(
    ("raw", "code", "named"),
    [
        (b"", "header_missing", "Line 1"),
        (None, "header_missing", "Line 1"),
        (b"8|99000000093|899000000093|DR|Docteur", "header_missing", "Line 1"),
        (b"Identifiant PP|Nom d'exercice", "columns_missing", "Code profession"),
        ("Identifiant PP|Prénom d'exercice".encode("latin-1"), "file_not_utf8", "byte 18"),
    ],
)
def test_a_file_without_its_header_is_refused(raw: bytes | None, code: str, named: str) -> None:
    with pytest.raises(HeaderRefusedError) as refused:
        read_header(raw)
    assert refused.value.code == code
    assert named in refused.value.detail


@pytest.mark.parametrize(
    ("cells", "cause", "column"),
    [
        ({"Identifiant_PP": ""}, "identifier_missing", "Identifiant PP"),
        ({"Type_d'identifiant_PP": "1"}, "identifier_kind_unknown", "Type d'identifiant PP"),
        ({"Type_d'identifiant_PP": "0"}, "identifier_malformed", "Identifiant PP"),
        ({"Identifiant_PP": "350012345"}, "identifier_malformed", "Identifiant PP"),
        ({"Identifiant_PP": "9900000009"}, "identifier_malformed", "Identifiant PP"),
        ({"Nom_d'exercice": " "}, "name_missing", "Nom d'exercice"),
        ({"Code_profession": ""}, "profession_missing", "Code profession"),
        ({"Code_profession": "12"}, "profession_unknown", "Code profession"),
        ({"Numéro_FINESS_site": "99001"}, "finess_malformed", "Numéro FINESS site"),
        ({"Raison_sociale_site": "A\x00B"}, "control_character", None),
        ({"Raison_sociale_site": "A|B"}, "column_count", None),
    ],
)
def test_a_bad_line_says_why(
    header: bytes, layout: Layout, cells: dict[str, str], cause: str, column: str | None
) -> None:
    refused = refusal(layout, line_of(header, **cells))
    assert (refused.cause, refused.column) == (cause, column)


@pytest.mark.parametrize("number", ["350012345", "2A0012345", "9A0012345"])
def test_an_adeli_number_is_kept(header: bytes, layout: Layout, number: str) -> None:
    raw = line_of(header, **{"Type_d'identifiant_PP": "0", "Identifiant_PP": number})
    line = read_line(layout, raw, PROFESSIONS)
    assert (line.rpps, warning_of(line)) == (number, None)


def test_a_wrong_check_digit_is_kept_with_a_warning(header: bytes, layout: Layout) -> None:
    warning = warning_of(read_line(layout, line_of(header, Identifiant_PP="99000000094"), PROFESSIONS))
    assert warning is not None
    assert (warning.cause, warning.column) == ("identifier_luhn", "Identifiant PP")


@pytest.mark.parametrize(
    ("raw", "person"),
    [(b"8|99000000093|x", "99000000093"), (b"8|99000000093|\xe9", "99000000093"), (b"8|9900|x", None), (b"8", None)],
)
def test_a_refused_line_still_names_its_person(layout: Layout, raw: bytes, person: str | None) -> None:
    assert refusal(layout, raw).person == person
    assert refusal(layout, None).person is None


def test_latin_1_is_never_guessed(header: bytes, layout: Layout) -> None:
    raw = line_of(header).decode().replace("Donatien", "Maëlys").encode("latin-1")
    assert refusal(layout, raw).cause == "not_utf8"


def test_too_many_or_too_few_columns(header: bytes, layout: Layout) -> None:
    raw = line_of(header)
    assert refusal(layout, raw.rpartition(b"|")[0].rpartition(b"|")[0]).detail.startswith("55 columns")
    assert refusal(layout, raw + b"|x").cause == "column_count"
    assert refusal(layout, None).cause == "line_too_long"


@pytest.mark.parametrize(
    ("name", "instant"),
    [
        ("PS_LibreAcces_Personne_activite_202611220700.txt", "2026-11-22T07:00:00+01:00"),
        ("PS_LibreAcces_Personne_activite_202607010700.txt", "2026-07-01T07:00:00+02:00"),
        ("PS_LibreAcces_Personne_activite_202613220700.txt", None),
        ("rpps_sample.txt", None),
    ],
)
def test_the_date_stands_in_the_files_name(name: str, instant: str | None) -> None:
    assert extracted_at(name) == (instant and datetime.fromisoformat(instant))
