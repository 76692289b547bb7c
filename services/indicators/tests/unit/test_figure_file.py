"""Files of figures, line by line."""

import pytest

from indicators.domain.figure_file import HeaderRefusedError, parse
from indicators.domain.import_templates import ImportTemplate
from indicators.domain.told import MASKED, Told

TEMPLATE = ImportTemplate.model_validate(
    {
        "version": 1,
        "id": "cpam",
        "label_fr": "CPAM",
        "rank": 1,
        "columns": {
            "indicator": ["indicateur"],
            "numerator": ["effectif"],
            "denominator": ["population"],
            "value": ["taux", "valeur"],
        },
        "masked": ["s", "ns"],
        "figures": [
            {"id": "I-01", "unit": "percent", "names": ["Sans médecin traitant"]},
            {"id": "N-04", "unit": "count"},
        ],
    }
)
HEADER = ["Indicateur", "Effectif", "Population", "Valeur"]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["I-01", "11", "100", ""], Told(11, 100, 11.0)),
        (["i-01", "1 234", "10\u202f000", "12,3 %"], Told(1234, 10000, 12.34)),
        (["Sans  Médecin traitant", "", "", "11,1"], Told(value=11.1)),
        (["I-01", "<6", "100", ""], MASKED),
        (["I-01", "< 6", "100", "5,1"], MASKED),
        (["I-01", "moins de 6", "", ""], MASKED),
        (["I-01", "S", "", ""], MASKED),
        (["I-01", "", "", "ns"], MASKED),
        (["I-01", "0", "100", ""], Told(0, 100, 0.0)),
        (["N-04", "", "", "0"], Told(0, None, 0)),
    ],
)
def test_a_good_line(cells: list[str], told: Told) -> None:
    found = parse([HEADER, cells], TEMPLATE)
    assert [line.told for line in found.lines] == [told]
    assert found.bad == []


@pytest.mark.parametrize(
    ("cells", "cause"),
    [
        (["I-02", "1", "2", ""], "figure_unknown"),
        (["", "1", "2", ""], "figure_unknown"),
        (["I-01", "1", "2"], "column_count"),
        (["I-01", "x", "2", ""], "number_malformed"),
        (["I-01", "-1", "2", ""], "number_malformed"),
        (["I-01", "1.5", "2", ""], "number_malformed"),
        (["I-01", "1e3", "2000", ""], "number_malformed"),
        (["I-01", "٣", "4", ""], "number_malformed"),
        (["I-01", "11%", "100", ""], "number_malformed"),
        (["I-01", "", "", ""], "value_missing"),
        (["I-01", "3", "2", ""], "rate_impossible"),
        (["I-01", "1", "2", "40"], "value_differs"),
        (["N-04", "", "", "1,5"], "value_out_of_range"),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_kept(cells: list[str], cause: str) -> None:
    found = (
        parse([HEADER, ["N-04", "7", "", ""], [], cells], TEMPLATE)
        if cells[0] != "N-04"
        else parse([HEADER, ["I-01", "1", "2", ""], [], cells], TEMPLATE)
    )
    assert [(line.number, line.cause) for line in found.bad] == [(4, cause)]
    assert [line.number for line in found.lines] == [2]


def test_a_figure_stands_once_in_a_file() -> None:
    found = parse([HEADER, ["I-01", "1", "2", ""], ["Sans médecin traitant", "1", "2", ""]], TEMPLATE)
    assert [(line.number, line.cause) for line in found.bad] == [(3, "line_repeated")]


@pytest.mark.parametrize("header", [[], ["Indicateur"], ["Effectif", "Population"], ["Indicateur", "Autre"]])
def test_a_file_of_another_kind_is_refused(header: list[str]) -> None:
    with pytest.raises(HeaderRefusedError) as refused:
        parse([header, ["I-01", "1"]], TEMPLATE)
    assert refused.value.code == "column_missing"


def test_the_columns_may_stand_in_any_order() -> None:
    found = parse([["Valeur", "Autre", "Indicateur"], ["11,1", "x", "I-01"]], TEMPLATE)
    assert [line.told for line in found.lines] == [Told(value=11.1)]
