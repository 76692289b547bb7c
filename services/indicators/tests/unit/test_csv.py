"""The file that spreadsheets open."""

import csv
import io
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from indicators.api.csv_file import COLUMNS, csv_lines
from indicators.domain.catalogue import Catalogue
from indicators.domain.figures import Figure, Tally, interval_of, value_of
from indicators.domain.periods import parse_period

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def figure_of(catalogue: Catalogue, indicator_id: str, tally: Tally | None, **changes: Any) -> Figure:
    indicator = catalogue.find(indicator_id)
    assert indicator is not None
    indicator = indicator.model_copy(update=changes)
    status, reason, value = value_of(indicator, tally)
    return Figure(
        indicator=indicator,
        period=parse_period("2026-Q4", ZoneInfo("Europe/Paris")),
        territory="pays-de-redon",
        status=status,
        reason=reason,
        value=value,
        tally=tally,
        as_of=NOW if tally else None,
        computed_at=NOW,
        gaps=("period_open",),
        interval=interval_of(indicator, tally),
    )


def read(*figures: Figure) -> list[dict[str, str]]:
    text = "".join(csv_lines(figures))
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=";"))


def test_the_header_is_stable(catalogue: Catalogue) -> None:
    (header,) = csv_lines([])
    assert header == (
        "\ufeffterritory;period;from;to;id;label_fr;unit;definition_version;status;reason;dimension;code;"
        "numerator;denominator;value;as_of;complete;incomplete_because;computed_at;origin;masked;"
        "interval_low;interval_high;expected_trend;judged;compared_with;compared_value;target;baseline;label_en;"
        "provenance;approval\r\n"
    )


def test_a_rate_has_a_decimal_comma(catalogue: Catalogue) -> None:
    (row,) = read(figure_of(catalogue, "I-10", Tally(1, 3)))
    assert (row["numerator"], row["denominator"], row["value"]) == ("1", "3", "33,33")
    assert (row["from"], row["to"]) == ("2026-10-01T00:00:00+02:00", "2027-01-01T00:00:00+01:00")
    assert (row["complete"], row["incomplete_because"]) == ("false", "period_open")
    assert (row["interval_low"], row["interval_high"], row["expected_trend"]) == ("6,15", "79,23", "stable")


def test_what_is_unknown_is_empty(catalogue: Catalogue) -> None:
    (row,) = read(figure_of(catalogue, "I-01", None))
    assert (row["numerator"], row["denominator"], row["value"], row["as_of"]) == ("", "", "", "")
    assert (row["status"], row["reason"]) == ("no_source", "no_source")


def test_parts_follow_their_figure(catalogue: Catalogue) -> None:
    tally = Tally(5, None, {"origin": {"ed": 3, "single_number": 2}}, {"ed_redirections": 1})
    rows = read(figure_of(catalogue, "I-09", tally))
    parts = [(row["dimension"], row["code"], row["numerator"], row["value"]) for row in rows]
    assert parts == [
        ("", "", "5", "5"),
        ("origin", "ed", "3", ""),
        ("origin", "single_number", "2", ""),
        ("apart", "ed_redirections", "1", ""),
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_becomes_a_formula(catalogue: Catalogue, start: str) -> None:
    label = f'{start}HYPERLINK("http://x";"y")'
    (row,) = read(figure_of(catalogue, "I-08", Tally(1), label_fr=label))
    assert row["label_fr"] == f"'{label}"
    assert set(row) == set(COLUMNS)


def test_separators_and_quotes_stay_inside_their_cell(catalogue: Catalogue) -> None:
    label = 'a;b "c"\r\nd'
    (row,) = read(figure_of(catalogue, "I-08", Tally(1), label_fr=label))
    assert row["label_fr"] == label
