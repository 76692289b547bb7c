from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from indicators.domain.catalogue import Catalogue, Count, Indicator
from indicators.usecases.load_catalogue import load_catalogue
from kit.territories import BadFileError

COUNT: dict[str, Any] = {
    "id": "I-08",
    "label_fr": "Créneaux",
    "label_en": "Slots",
    "definition_fr": "Créneaux publiés",
    "definition_version": 1,
    "unit": "count",
    "expected_trend": "up",
    "periods": ["quarterly"],
    "numerator": {"count": "slot", "of": "slots", "where": {"audience": ["SNP"]}},
}


def test_the_catalogue_names_all_indicators(catalogue: Catalogue) -> None:
    document = [f"I-{number:02}" for number in range(1, 65)]
    national = [f"N-{number:02}" for number in range(1, 5)]
    assert [indicator.id for indicator in catalogue.indicators] == document + national
    fed = [indicator.id for indicator in catalogue.indicators if indicator.is_fed]
    awaited = {f"I-{number:02}" for number in range(1, 5)} | {"N-03", "N-04"}
    assert fed == [name for name in (*document, *national) if name not in awaited]


def test_figures_of_unscheduled_care_are_due_each_quarter(catalogue: Catalogue) -> None:
    fed = [indicator for indicator in catalogue.indicators if indicator.sources & {"slots", "calls"}]
    assert all("quarterly" in indicator.periods for indicator in fed)


@pytest.mark.parametrize(
    ("count", "message"),
    [
        ({"count": "slot", "of": "beds"}, "unknown source 'beds'; known: slots, calls, sendings, general"),
        ({"count": "patient", "of": "calls"}, "calls have no 'patient' to count"),
        ({"count": "slot", "of": "slots", "where": {"colour": ["red"]}}, "slots have no field 'colour'"),
        ({"count": "slot", "of": "slots", "by": ["colour"]}, "slots have no field 'colour'"),
        ({"count": "slot", "of": "slots", "where": {"booked": ["yes"]}}, "booked takes true or false"),
        ({"count": "slot", "of": "slots", "where": {"audience": True}}, "audience takes a list of codes"),
        ({"count": "slot", "of": "slots", "by": ["audience"]}, "audience has several codes a row"),
        ({"count": "slot", "of": "slots", "where": {"audience": ["a'b"]}}, "String should match pattern"),
        ({"count": "slot", "of": "slots", "limit": 3}, "Extra inputs are not permitted"),
    ],
)
def test_a_definition_speaks_the_language(count: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Count.model_validate(count)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"numerator": None}, "say either what is counted"),
        ({"awaits": "surveys"}, "say either what is counted"),
        ({"unit": "percent"}, "a percentage has a denominator"),
        ({"denominator": COUNT["numerator"]}, "a percentage has a denominator"),
        ({"numerator": None, "awaits": "surveys", "denominator": COUNT["numerator"]}, "without a numerator"),
        ({"id": "X-1"}, "String should match pattern"),
        ({"periods": []}, "at least 1 item"),
        ({"label_en": None}, "label_en"),
        ({"expected_trend": "stable"}, "within which percentage"),
        ({"stable_within_percent": 10}, "of no other"),
    ],
)
def test_an_indicator_is_whole(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Indicator.model_validate(COUNT | change)


def test_an_indicator_is_named_once() -> None:
    with pytest.raises(ValidationError, match="named twice: I-08"):
        Catalogue.model_validate({"version": 1, "timezone": "Europe/Paris", "indicators": [COUNT, COUNT]})


def test_days_begin_where_the_days_of_facts_do() -> None:
    with pytest.raises(ValidationError, match=r"timezone\n.*'Europe/Paris'"):
        Catalogue.model_validate({"version": 1, "timezone": "Indian/Reunion", "indicators": []})


def test_a_bad_file_is_refused_with_its_field(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.yaml"
    file.write_text("version: 1\ntimezone: Europe/Paris\nindicators: [{id: I-08}]\n", encoding="utf-8")
    with pytest.raises(BadFileError, match=r"catalogue.yaml: .*indicators.0.label_fr: Field required"):
        load_catalogue(file)


def test_proofs_follow_from_what_is_asked() -> None:
    plain = Count.model_validate({"count": "slot", "of": "slots"})
    booked = Count.model_validate({"count": "slot", "of": "slots", "where": {"booked": True}})
    free = Count.model_validate({"count": "slot", "of": "slots", "where": {"booked": False}})
    assert plain.proofs == free.proofs == ("slot.published",)
    visits = ("booking.confirmed", "booking.moved", "booking.fulfilled", "booking.missed", "booking.outcome_undone")
    assert booked.proofs == ("slot.published", *visits)
