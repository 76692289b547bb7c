"""Figures by commune: lines of a file, sums by department, funds that are added."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from indicators.domain.communes import by_place, department_of
from indicators.domain.figure_file import Parsed, parse
from indicators.domain.import_templates import ImportTemplate
from indicators.domain.told import MASKED, ImportSource, Provenance, Telling, Told, believed

COMMUNES = frozenset({"35236", "35064", "44007", "2A004"})
HEADER = ["indicateur", "commune", "effectif", "population", "taux"]
TEMPLATE = ImportTemplate.model_validate(
    {
        "version": 1,
        "id": "cpam",
        "label_fr": "CPAM",
        "rank": 1,
        "columns": {
            "indicator": ["indicateur"],
            "commune": ["commune"],
            "numerator": ["effectif"],
            "denominator": ["population"],
            "value": ["taux"],
        },
        "masked": ["s"],
        "figures": [{"id": "I-01", "unit": "percent"}, {"id": "N-04", "unit": "count"}],
    }
)
WHOLE = ["I-01", "", "100", "1000", ""]


def read(*lines: list[str], communes: Any = COMMUNES) -> Parsed:
    return parse([HEADER, *lines], TEMPLATE, communes)


def test_a_whole_and_its_communes() -> None:
    found = read(
        ["I-01", "35236", "60", "500", "12"], WHOLE, ["I-01", "44007", "<6", "", ""], ["N-04", "", "9", "", ""]
    )
    assert found.bad == []
    assert [(line.commune, line.told) for line in found.lines] == [
        ("35236", Told(60, 500, 12.0)),
        (None, Told(100, 1000, 10.0)),
        ("44007", MASKED),
        (None, Told(9, None, 9)),
    ]


@pytest.mark.parametrize(
    ("lines", "refused"),
    [
        ([WHOLE, ["I-01", "75056", "1", "2", ""]], [(3, "commune_unknown")]),
        ([WHOLE, ["I-01", "Redon", "1", "2", ""]], [(3, "commune_unknown")]),
        ([WHOLE, ["I-01", "35236", "", "", "12"]], [(3, "part_not_counted")]),
        ([WHOLE, ["I-01", "35236", "1", "2", ""], ["I-01", "35236", "1", "2", ""]], [(4, "line_repeated")]),
        ([["I-01", "35236", "1", "2", ""], ["N-04", "", "9", "", ""]], [(2, "total_missing")]),
        ([["I-01", "", "7", "2", ""], ["I-01", "35236", "1", "2", ""]], [(2, "rate_impossible"), (3, "total_missing")]),
        ([["I-01", "", "s", "2", ""], ["I-01", "35236", "1", "2", ""]], [(3, "total_masked")]),
        ([["I-01", "", "", "", "12"], ["I-01", "35236", "1", "2", ""]], [(3, "total_not_counted")]),
        (
            [WHOLE, ["I-01", "35236", "60", "500", ""], ["N-04", "", "9", "", ""], ["I-01", "44007", "41", "50", ""]],
            [(3, "parts_exceed_total"), (5, "parts_exceed_total")],
        ),
        ([WHOLE, ["I-01", "35236", "6", "1001", ""]], [(3, "parts_exceed_total")]),
    ],
)
def test_lines_that_cannot_be_parts_are_named_and_the_others_are_kept(
    lines: list[list[str]], refused: list[tuple[int, str]]
) -> None:
    found = read(*lines)
    assert [(line.number, line.cause) for line in found.bad] == refused
    assert len(found.lines) == len(lines) - len(refused)


def test_where_no_commune_is_known_one_that_could_be_is_taken() -> None:
    found = read(
        WHOLE,
        ["I-01", "75056", "1", "2", ""],
        ["I-01", "2b033", "1", "2", ""],
        ["I-01", "3523", "1", "2", ""],
        communes=frozenset(),
    )
    assert [line.commune for line in found.lines] == [None, "75056", "2B033"]
    assert [line.cause for line in found.bad] == ["commune_unknown"]


@pytest.mark.parametrize(
    ("commune", "department"),
    [("35236", "35"), ("2A004", "2A"), ("97411", "974"), ("98818", "988"), ("unknown", "unknown")],
)
def test_the_department_of_a_commune(commune: str, department: str) -> None:
    assert department_of(commune) == department


def test_a_department_with_a_hidden_commune_is_hidden() -> None:
    parts = {"44007": Told(4), "35236": Told(60), "35064": MASKED, "35001": Told(1)}
    assert by_place(parts) == {
        "commune": {"35001": 1, "35064": None, "35236": 60, "44007": 4},
        "department": {"35": None, "44": 4},
    }
    assert by_place({}) == {}


def telling(source: str, whole: Told, **parts: Told) -> Telling:
    told = Provenance(source, uuid4(), "somebody", datetime(2026, 10, 1, tzinfo=UTC), "0" * 64)
    return Telling(whole, "imported", (told,), {code[1:]: part for code, part in parts.items()})


def test_of_funds_that_are_added_the_communes_are_too() -> None:
    both = {
        "cpam": telling("cpam", Told(100, 1000, 10.0), c1=Told(60, 500, 12.0), c2=MASKED, c3=Told(9, 90, 10.0)),
        "msa": telling("msa", Told(10, 100, 10.0), c1=Told(5, 50, 10.0), c2=Told(3, 30, 10.0)),
    }
    sources = [ImportSource("cpam", 2, ("msa",)), ImportSource("msa", 3, ("cpam",))]
    found = believed("percent", both, sources)
    assert found is not None
    assert (found.told, found.parts) == (Told(110, 1100, 10.0), {"1": Told(65, 550, 11.82), "2": MASKED})
    assert found.hides
