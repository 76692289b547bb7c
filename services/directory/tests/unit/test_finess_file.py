"""Traps of the files of FINESS (FORMATS: etalab CSV, FINESS+ JSON)."""

import gzip
from typing import Any

import pytest

from directory.domain.finess_codes import Category, FinessCodes
from directory.domain.finess_file import RecordRefusedError, decode, format_of, insee_code, read_record
from directory.domain.finess_plus import read_site
from directory.domain.rpps_file import HeaderRefusedError
from directory.domain.structures import Item, Structure, described, mentioned

METADATA = "finess;etalab;111;2026-05-12\n"


def structure(**cells: str) -> str:
    values = {
        "0": "structureet",
        "1": "990010001",
        "2": "990000101",
        "4": "CENTRE HOSPITALIER",
        "12": "236",
        "13": "35",
        "15": "35600 REDON",
        "18": "355",
        **{key.removeprefix("_"): value for key, value in cells.items()},
    }
    return ";".join(values.get(str(index), "") for index in range(32))


def equipment(**cells: str) -> str:
    values = {"0": "equipementsocial", "1": "990010035", "2": "924", "9": "10", "15": "N", "18": "12"}
    values |= {key.removeprefix("_"): value for key, value in cells.items()}
    return ";".join(values.get(str(index), "") for index in range(28))


def facts(line: str) -> dict[str, Any]:
    item = read_record(line.encode()).item
    assert item is not None
    return item.facts


@pytest.mark.parametrize(
    ("start", "found"),
    [
        ((METADATA + structure()).encode(), "finess-structures"),
        (b"\xef\xbb\xbf" + (METADATA + structure()).encode(), "finess-structures"),
        ((METADATA + "structureet;990010035;990000101\n").encode(), "finess-equipments"),
        ((METADATA + equipment()).encode(), "finess-equipments"),
        (b'{"schemaVersion":"v1.0.0","pmej":[]}', "finess-plus"),
        (b' {"schemaVersion" : "1.0.0"}', "finess-plus"),
        (gzip.compress(b'{"schemaVersion":"1.2.0","pmej":[]}', mtime=0), "finess-plus"),
    ],
)
def test_the_beginning_tells_the_format(start: bytes, found: str) -> None:
    assert format_of(start) == found


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (b"", "header_missing"),
        (structure().encode(), "header_missing"),
        (b'{"pmej":[]}', "schema_missing"),
        (b'{"schemaVersion":"v2.0.0","pmej":[]}', "schema_unknown"),
        (b"\x1f\x8bnot gzip", "file_malformed"),
    ],
)
def test_what_is_no_file_of_finess_is_refused(start: bytes, code: str) -> None:
    with pytest.raises(HeaderRefusedError) as refused:
        format_of(start)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "raw",
    [
        "HÔPITAL D'ÉTÉ".encode(),
        "HÔPITAL D'ÉTÉ".encode("iso-8859-15"),
        "HÔPITAL D'ÉTÉ".encode().decode("latin-1").encode(),
        "HÔPITAL D'ÉTÉ".encode().decode("latin-1").encode("utf-8"),
    ],
)
def test_every_encoding_gives_the_same_text(raw: bytes) -> None:
    assert decode(raw) == "HÔPITAL D'ÉTÉ"


def test_the_fifteenth_part_has_its_ligature_and_the_euro() -> None:
    assert decode("SACRÉ-CŒUR 5 €".encode("iso-8859-15")) == "SACRÉ-CŒUR 5 €"
    assert decode("SACRÉ-CŒUR".encode().decode("cp1252", errors="ignore").encode()) != ""


def test_quotes_only_where_needed() -> None:
    assert facts(structure(_4='"RESIDENCE ""LES AJONCS""; REDON"'))["name"] == 'RESIDENCE "LES AJONCS"; REDON'
    assert facts(structure(_4='RESIDENCE "LES AJONCS"'))["name"] == 'RESIDENCE "LES AJONCS"'


@pytest.mark.parametrize(
    ("department", "commune", "insee"),
    [
        ("35", "236", "35236"),
        ("2A", "004", "2A004"),
        ("9A", "105", "97105"),
        ("9D", "411", "97411"),
        ("9F", "08", "97608"),
    ],
)
def test_codes_of_communes(department: str, commune: str, insee: str) -> None:
    assert insee_code(department, commune) == insee


def test_a_structure_keeps_leading_zeros_and_days() -> None:
    told = facts(structure(_1="010000024", _16="0261910000", _22="01450000000011", _28="1990-04-27"))
    assert (told["phone"], told["siret"], told["opened_on"]) == ("0261910000", "01450000000011", "1990-04-27")
    assert (told["postal_code"], told["city"], told["insee"]) == ("35600", "REDON", "35236")
    assert facts(structure(_28="27/04/1990"))["opened_on"] is None
    assert facts(structure(_4="", _3="CH"))["name"] == "CH"


def test_a_point_is_reprojected_in_either_order() -> None:
    for first, second in (("318928.5", "6741425.6"), ("6741425.6", "318928.5")):
        told = facts(f"geolocalisation;990010001;{first};{second};1,ATLASANTE,96,BAN,EPSG:2154 RGF93;2026-05-12")
        assert told == pytest.approx({"latitude": 47.662839, "longitude": -2.080801}, abs=2e-6)
    unknown = read_record(b"geolocalisation;990010001;1;2;somewhere;2026-05-12")
    assert unknown.item is None
    assert unknown.warning is not None
    assert unknown.warning.cause == "projection_unknown"


@pytest.mark.parametrize(
    ("cells", "count"),
    [({}, 12), ({"_18": ""}, 10), ({"_18": "", "_9": ""}, 0), ({"_15": "O"}, 0), ({"_24": "O"}, 0)],
)
def test_places_are_those_authorised_and_not_suppressed(cells: dict[str, str], count: int) -> None:
    assert facts(equipment(**cells)) == {"discipline": "924", "count": count}


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        (None, "line_too_long"),
        (b"structureet;990010001;\x00", "control_character"),
        (structure(_4='"RESIDENCE').encode(), "quote_unbalanced"),
        (b"transport;990010001", "record_unknown"),
        (structure().encode() + b";", "column_count"),
        (structure(_1="").encode(), "identifier_missing"),
        (structure(_1="99001").encode(), "finess_malformed"),
        (structure(_4="").encode(), "name_missing"),
        (equipment(_18="douze").encode(), "number_malformed"),
        (b"geolocalisation;990010001;x;1;EPSG:2154;2026-05-12", "number_malformed"),
        (b"geolocalisation;990010001;nan;1;EPSG:2154;2026-05-12", "number_malformed"),
    ],
)
def test_a_bad_record_says_why(raw: bytes | None, cause: str) -> None:
    with pytest.raises(RecordRefusedError) as refused:
        read_record(raw)
    assert refused.value.cause == cause


def site(**general: Any) -> dict[str, Any]:
    return {
        "informationsGeneralesEGE": {"numFinessEge": "990010001", "nomEgeLong": "CENTRE", **general},
        "categorieentiteGeographiqueExercice": "209",
        "etatObjet": "A",
        "adresse": [
            {"usageAdresse": "01", "cogCommune": "75056"},
            {"usageAdresse": "03", "cogCommune": "35236", "codePostal": "35600", "coordonneesGeographique": {}},
        ],
        "contact": [
            {"typeContact": {"roleContact": "02"}, "telecom": {"telephone": "0261910009"}},
            {"typeContact": {"roleContact": "01"}, "telecom": {"telephone": "0261910000"}},
        ],
    }


ENTITY = {"informationsGeneralesPMEJ": {"numFinessPm": "990000101"}}


def test_a_site_of_the_feed() -> None:
    item = read_site(ENTITY, site()).item
    assert item is not None
    told = item.facts
    assert (told["category"], told["listed"], told["insee"]) == ("209", True, "35236")
    assert (told["phone"], told["legal_entity"], told["latitude"]) == ("0261910000", "990000101", None)


def test_keys_in_another_case_and_codes_in_objects() -> None:
    other = site()
    del other["categorieentiteGeographiqueExercice"]
    other |= {"categorieEntiteGeographiqueExercice": {"code": "500", "system": "x"}, "etatObjet": {"code": "I"}}
    item = read_site({"informationsGeneralesPmej": {"numFinessPm": "990000101"}}, other).item
    assert item is not None
    assert (item.facts["category"], item.facts["listed"], item.facts["legal_entity"]) == ("500", False, "990000101")


def test_coordinates_elsewhere_are_a_warning() -> None:
    lost = site()
    lost["adresse"][1]["coordonneesGeographique"] = {"coordonneeX": "0", "coordonneeY": "0"}
    read = read_site(ENTITY, lost)
    assert read.warning is not None
    assert read.warning.cause == "coordinates_elsewhere"


@pytest.mark.parametrize(
    ("record", "cause"),
    [
        ({}, "identifier_missing"),
        (site(numFinessEge="X"), "finess_malformed"),
        (site(nomEgeLong=""), "name_missing"),
        (site(nomEgeLong="A\x00"), "control_character"),
        ("text", "identifier_missing"),
    ],
)
def test_a_bad_site_says_why(record: Any, cause: str) -> None:
    with pytest.raises(RecordRefusedError) as refused:
        read_site(ENTITY, record)
    assert refused.value.cause == cause


CODES = FinessCodes(
    version="1",
    groups={},
    categories={"500": Category(label="EHPAD", group=None)},
    disciplines={"924": "Accueil"},
    counted_disciplines={"500": frozenset({"924"})},
)


class Nowhere:
    def resolve(self, code: str, postal_code: str, names: object) -> str | None:
        return code or None


def test_what_finess_said_the_rpps_does_not_overwrite() -> None:
    said = Structure("990010035", "EHPAD", source="finess", commune="35236", category="500")
    named = Structure("990010035", "EHPAD DU CH", sector="SA17", commune="56061")
    assert mentioned(said, named) == Structure(
        "990010035", "EHPAD", sector="SA17", source="finess", commune="35236", category="500"
    )
    assert mentioned(Structure("990010035", "OLD"), named) == named


def test_places_count_by_discipline() -> None:
    before = Structure("990010035", "EHPAD", source="finess", category="500")
    items = [Item("equipment", "990010035", {"discipline": code, "count": n}) for code, n in _PLACES]
    now = described(before, items, Nowhere(), CODES)
    assert now is not None
    assert (dict(now.places), now.capacity) == ({"924": 94, "961": 14}, 94)
    assert described(None, items, Nowhere(), CODES) is None


_PLACES = [("924", 80), ("924", 14), ("961", 14)]
