"""Files of vaccinated people: bands and weeks as sources write them, masked numbers, bad lines with their cause."""

from datetime import date

import pytest

from directory.domain.vaccination_file import HeaderRefusedError, Kind, Parsed, age_band_of, parse, week_of
from kit.csv_rows import csv_rows

MASKED, COMMUNES = {"", "ns"}, {"35236", "44067"}


def parsed(text: str, kind: Kind = "vaccinated") -> Parsed:
    return parse(csv_rows(text.encode()), kind, masked=MASKED, communes=COMMUNES)


@pytest.mark.parametrize(
    ("text", "band"),
    [
        *(("18-24", "18-24"), ("18 à 24 ans", "18-24"), ("05-11", "5-11"), ("75+", "75+"), ("75 ans et plus", "75+")),
        *(("75 et +", "75+"), ("24-18", None), ("adultes", None), ("121+", None), ("", None)),
    ],
)
def test_age_bands_as_sources_write_them(text: str, band: str | None) -> None:
    assert age_band_of(text) == band


@pytest.mark.parametrize(
    ("text", "monday"),
    [
        *(("2026-W48", date(2026, 11, 23)), ("2026S48", date(2026, 11, 23)), ("2026-11-29", date(2026, 11, 23))),
        *(("2026-W54", None), ("29/11/2026", None), ("1999-01-01", None), ("", None)),
    ],
)
def test_weeks_are_their_monday(text: str, monday: date | None) -> None:
    assert week_of(text) == monday


def test_a_masked_number_is_unknown_and_zero_is_zero() -> None:
    found = parsed("semaine;commune;classe_age;vaccines\n2026-W48;35236;75+;NS\n2026-W48;35236;18-24;0\n"
                   "2026-W48;35236;25-49;<11\n2026-W48;35236;50-64;1 204\n2026-W48;35236;65-74;\n")  # fmt: skip
    assert [line.count for line in found.lines] == [None, 0, None, 1204, None]
    assert found.bad == []


def test_each_bad_line_is_named_with_its_cause_and_the_others_are_kept() -> None:
    lines = [
        "week,place,age_band,vaccinated",
        "2026-W48,35236,75+,10",
        "2026-W48,99999,75+,10",
        "soon,35236,75+,10",
        "2026-W48,35236,old,10",
        "2026-W48,35236,18-24,-3",
        "2026-W48,35236,18-24,ten",
        "2026-W48,35236,75+,11",
        "2026-W48,35236,75+",
        "2026-W48,,75+,10",
        "",
        "2026-W49,35236,75+,10",
    ]
    found = parsed("\n".join(lines))
    assert [line.number for line in found.lines] == [2, 12]
    assert [(bad.number, bad.cause) for bad in found.bad] == [
        (3, "commune_unknown"),
        (4, "week_malformed"),
        (5, "age_band_malformed"),
        (6, "number_malformed"),
        (7, "number_malformed"),
        (8, "line_repeated"),
        (9, "column_count"),
        (10, "level_mixed"),
    ]


def test_population_has_no_week() -> None:
    found = parsed("\ufeffage_band;population\n75+;9000\n18-24;5000\n", "population")
    assert [(line.place, line.age_band, line.week, line.count) for line in found.lines] == [
        ("", "75+", None, 9000),
        ("", "18-24", None, 5000),
    ]


@pytest.mark.parametrize("rows", [[["a", "b"], ["1", "2"]], []])
def test_a_file_that_is_none_of_these_is_refused(rows: list[list[str]]) -> None:
    with pytest.raises(HeaderRefusedError) as refused:
        parse(rows, "vaccinated", masked=MASKED, communes=COMMUNES)
    assert refused.value.code == "column_missing"
