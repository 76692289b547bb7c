"""What of a figure is hidden where it is published."""

from dataclasses import replace
from typing import Any

import pytest
from telling import NOW

from indicators.domain.catalogue import Catalogue
from indicators.domain.figures import Figure, Tally, interval_of, value_of
from indicators.domain.masking import for_outside, masked
from indicators.domain.periods import parse_period
from indicators.domain.trends import Comparison, Judgement


def figure(catalogue: Catalogue, indicator_id: str, tally: Tally | None, **values: Any) -> Figure:
    indicator = catalogue.find(indicator_id)
    assert indicator is not None
    status, reason, value = value_of(indicator, tally)
    return Figure(
        indicator=indicator,
        period=parse_period("2026-Q3", catalogue.zone),
        territory="pays-de-redon",
        tally=tally,
        as_of=None,
        computed_at=NOW,
        gaps=(),
        **{"status": status, "reason": reason, "value": value, "interval": interval_of(indicator, tally), **values},
    )


def said(found: Figure) -> tuple[Any, ...]:
    tally = found.tally
    return found.status, found.value, tally and tally.numerator, tally and tally.denominator, found.masked


@pytest.mark.parametrize(
    ("indicator_id", "tally", "expected"),
    [
        pytest.param("I-20", Tally(4), ("masked", None, None, None, True), id="four stays"),
        pytest.param("I-20", Tally(0), ("computed", 0, 0, None, False), id="no stay"),
        pytest.param("I-20", Tally(6), ("computed", 6, 6, None, False), id="six stays"),
        pytest.param("I-08", Tally(4), ("computed", 4, 4, None, False), id="four slots: nobody's number"),
        pytest.param("I-60", Tally(3, 90), ("masked", None, None, 90, True), id="few vaccinated"),
        pytest.param("I-60", Tally(88, 90), ("masked", None, None, 90, True), id="few not vaccinated"),
        pytest.param("I-60", Tally(3, 5), ("masked", None, None, None, True), id="few of few"),
        pytest.param("I-60", Tally(45, 90), ("computed", 50.0, 45, 90, False), id="half of many"),
        pytest.param("I-60", Tally(0, 0), ("undefined", None, 0, 0, False), id="nobody at all"),
        pytest.param("I-23", Tally(320, 4), ("masked", None, None, None, True), id="a mean of four answers"),
        pytest.param("I-23", Tally(480, 6), ("computed", 80.0, 480, 6, False), id="a mean of six answers"),
        pytest.param("I-24", Tally(320, 4), ("computed", 80.0, 320, 4, False), id="answers of professionals"),
    ],
)
def test_whole_figures(catalogue: Catalogue, indicator_id: str, tally: Tally, expected: tuple[Any, ...]) -> None:
    found = masked(figure(catalogue, indicator_id, tally), 6)
    assert said(found) == expected
    if found.value is None:
        assert found.interval is None


def test_a_breakdown_hides_another_part_and_keeps_the_whole(catalogue: Catalogue) -> None:
    parts = {"entry": {"direct": 17, "ed": 13, "none": 0}, "readmission": {"first": 25, "again": 3, "unknown": 2}}
    found = masked(figure(catalogue, "I-21", Tally(30, None, parts)), 6)
    assert said(found) == ("computed", 30, 30, None, True)
    assert found.tally is not None
    assert found.tally.breakdown == {
        "entry": {"direct": 17, "ed": 13, "none": 0},
        "readmission": {"first": 25, "again": None, "unknown": None},
    }


def test_a_part_beside_the_figure_is_hidden_too(catalogue: Catalogue) -> None:
    found = masked(figure(catalogue, "I-20", Tally(30, apart={"few": 2, "many": 9})), 6)
    assert found.tally is not None
    assert found.tally.apart == {"few": None, "many": 9}


def test_the_period_before_is_not_told_by_what_is_compared(catalogue: Catalogue) -> None:
    trend = Judgement("down", "not_reached", Comparison("previous_period", 3, "2026-Q2"))
    found = masked(figure(catalogue, "I-20", Tally(30), trend=trend), 6)
    assert found.trend == replace(trend, compared_with=None)
    assert masked(figure(catalogue, "I-20", Tally(3), trend=trend), 6).trend is None


def test_an_imported_number_of_patients_is_hidden_like_a_counted_one(catalogue: Catalogue) -> None:
    found = masked(figure(catalogue, "N-04", None, status="imported", reason=None, value=4), 6)
    assert said(found) == ("masked", None, None, None, True)
    many = figure(catalogue, "N-04", None, status="imported", reason=None, value=400)
    assert masked(many, 6) == many


def test_what_is_masked_stays_so(catalogue: Catalogue) -> None:
    once = masked(figure(catalogue, "I-60", Tally(3, 90, {"age_band": {"a": 3, "b": 0}})), 6)
    assert masked(once, 6) == once


def test_what_an_approval_hid_stays_hidden_whatever_the_threshold(catalogue: Catalogue) -> None:
    parts = {"entry": {"direct": 20, "ed": 10}}
    hidden = (("entry", "direct"), ("entry", "ed"))
    found = masked(figure(catalogue, "I-21", Tally(30, None, parts), hidden=hidden), 2)
    assert found.tally == Tally(30, None, {"entry": {"direct": None, "ed": None}})
    assert (found.value, found.masked) == (30, True)
    assert masked(figure(catalogue, "I-20", Tally(3), hidden=()), 6).value == 3, "it was told before"
    whole = masked(figure(catalogue, "N-04", None, status="imported", value=40, hidden=(("", "numerator"),)), 6)
    assert said(whole) == ("masked", None, None, None, True)


def test_a_code_of_which_there_is_nobody_can_be_hidden(catalogue: Catalogue) -> None:
    found = masked(figure(catalogue, "I-21", Tally(30, None, {"entry": {"ed": 30}}), hidden=(("entry", "none"),)), 6)
    assert found.tally == Tally(30, None, {"entry": {"ed": 30, "none": None}})


def test_a_hidden_figure_does_not_say_how_many_facts_it_stood_on(catalogue: Catalogue) -> None:
    assert masked(figure(catalogue, "I-20", Tally(3), sealed=3), 6).sealed is None
    assert masked(figure(catalogue, "I-20", Tally(30), sealed=30), 6).sealed == 30


def test_a_breakdown_of_which_nothing_is_known_gives_nothing_away(catalogue: Catalogue) -> None:
    found = masked(figure(catalogue, "I-21", Tally(3, None, {"entry": {}, "readmission": {"first": 0}})), 6)
    assert said(found) == ("masked", None, None, None, True)


def test_readers_outside_are_not_told_the_period_before(catalogue: Catalogue) -> None:
    trend = Judgement("up", "reached", Comparison("previous_period", 3, "2026-Q2"))
    slots = figure(catalogue, "I-08", Tally(30), trend=trend)
    assert for_outside(slots).trend == replace(trend, compared_with=None)
    stated = replace(trend, compared_with=Comparison("target", 40))
    assert for_outside(replace(slots, trend=stated)).trend == stated
