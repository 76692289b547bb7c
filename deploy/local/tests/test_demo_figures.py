"""What the demo calls a movement of an indicator."""

from typing import Any

from local_stack.demo.figures import Movement
from local_stack.demo.story import Outcome, told


def figure(name: str = "I-08", **change: Any) -> dict[str, Any]:
    counted = {
        "origin": "events",
        "status": "computed",
        "unit": "count",
        "numerator": 4,
        "denominator": None,
        "value": 4,
    }
    return {"id": name, "label_fr": "Créneaux", "definition_version": 1} | counted | change


def test_numbers_that_changed_are_a_movement_in_either_direction() -> None:
    assert Movement(figure(), figure(numerator=5, value=5)).moved
    assert Movement(figure(), figure(numerator=3, value=3)).moved
    rate = {"unit": "percent", "denominator": 8, "value": 50.0}
    assert Movement(figure(**rate), figure(**rate | {"denominator": 9, "value": 44.44})).moved


def test_somebody_counted_again_moves_it_by_the_events_of_the_play() -> None:
    again = Movement(figure(), figure(), events=2)
    assert again.moved
    assert "4 (+2 events)" in str(again)
    assert Movement(figure(), figure()).standing == "unmoved"


def test_what_a_file_or_somebody_tells_is_no_movement() -> None:
    nothing = figure(origin=None, status="no_source", numerator=None, value=None)
    imported = figure(origin="imported", status="imported", unit="percent", numerator=None, value=11.1)
    masked = figure(origin="imported", status="masked", numerator=None, value=None)
    entered = figure(origin="manual", status="manual", numerator=7, value=7)
    told_by = [Movement(nothing, it) for it in (imported, masked, entered, nothing)]
    assert not any(it.moved for it in told_by)
    assert [it.standing for it in told_by] == ["imported", "masked", "by hand", "no source"]


def test_the_table_counts_each_standing_and_says_why_something_moves_later() -> None:
    lines = told(Outcome((Movement(figure(), figure(value=5, numerator=5)), Movement(figure("I-05"), figure("I-05")))))
    assert lines[0] == "1 of 2 indicators moved by the events of this play"
    assert lines[3] == "1 moved, 1 unmoved"
    assert lines[4].startswith("I-05 moves later")
