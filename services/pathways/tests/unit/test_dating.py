"""When steps are due."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pathways.domain.dating import Rule, Window, date_steps, lay_out, local_day
from pathways.domain.template import Template

START = date(2026, 3, 2)
PLAIN: dict[str, Any] = {
    "id": "example",
    "version": "1",
    "valid_from": "2026-01-01",
    "validated_by": None,
    "label": "Exemple",
    "specialty": "oncology",
    "sensitive": False,
    "roles": [{"code": "nurse", "label": "Infirmière"}],
    "consent": {"version": "1", "text": "Oui"},
}


def template(*steps: dict[str, Any]) -> Template:
    filled = [{"label": step["code"], "role": "nurse", **step} for step in steps]
    return Template.model_validate({**PLAIN, "steps": filled})


def windows(template: Template, **done_on: date) -> dict[str, tuple[int, int]]:
    """First and last day of every step, in days after the enrolment."""
    done = {key.replace("_", "-"): day for key, day in done_on.items()}
    dated = date_steps([it.rule for it in lay_out(template)], START, done)
    return {key: ((it.from_on - START).days, (it.due_on - START).days) for key, it in dated.items()}


def test_a_window_counts_from_the_enrolment() -> None:
    assert windows(template({"code": "a", "from_days": 2, "to_days": 5})) == {"a": (2, 5)}


def test_a_window_after_another_step_opens_and_closes_with_it() -> None:
    chain = template(
        {"code": "a", "from_days": 2, "to_days": 5}, {"code": "b", "after": "a", "from_days": 10, "to_days": 12}
    )
    assert windows(chain) == {"a": (2, 5), "b": (12, 17)}


def test_what_follows_a_done_step_counts_from_the_day_it_was_done() -> None:
    chain = template({"code": "a", "to_days": 5}, {"code": "b", "after": "a", "from_days": 10, "to_days": 12})
    assert windows(chain, a=START + timedelta(days=9))["b"] == (19, 21)


def test_courses_count_each_from_the_one_before() -> None:
    repeated = template({"code": "c", "to_days": 4, "repeat": {"times": 3, "every_days": 21, "tolerance_days": 2}})
    assert windows(repeated) == {"c-1": (0, 4), "c-2": (21, 27), "c-3": (42, 50)}
    assert windows(repeated, c_2=START + timedelta(days=30))["c-3"] == (51, 53)


@pytest.mark.parametrize(("occurrence", "expected"), [(None, (7, 7)), (1, (1, 1))])
def test_a_step_follows_the_last_occurrence_or_the_one_it_names(
    occurrence: int | None, expected: tuple[int, int]
) -> None:
    course = {"code": "c", "to_days": 0, "repeat": {"times": 3, "every_days": 3}}
    after = {"code": "z", "after": "c", "occurrence": occurrence, "from_days": 1, "to_days": 1}
    assert windows(template(course, after))["z"] == expected


@pytest.mark.parametrize(
    ("due_on", "hours"),
    [(date(2026, 3, 28), 24), (date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 12, 31), 24)],
)
def test_a_step_is_late_when_its_last_day_ends_in_paris(due_on: date, hours: int) -> None:
    due_at = Window(due_on, due_on).due_at
    before = Window(due_on - timedelta(days=1), due_on - timedelta(days=1)).due_at
    assert (due_at.hour, due_at.minute, due_at.date()) == (0, 0, due_on + timedelta(days=1))
    assert due_at.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=hours)


def test_the_day_is_that_of_paris() -> None:
    assert local_day(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == date(2026, 7, 2)
    assert local_day(datetime(2026, 12, 1, 22, 30, tzinfo=UTC)) == date(2026, 12, 1)


def test_days_are_days_across_the_change_of_hour() -> None:
    """Three weeks after 20 March is 10 April, though one of those days has 23 hours."""
    dated = date_steps([Rule("a", None, 21, 21)], date(2026, 3, 20), {})
    assert dated["a"].due_on == date(2026, 4, 10)
    assert dated["a"].due_at.utcoffset() == timedelta(hours=2)


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        ([{"code": "a", "to_days": 1, "role": "nobody"}], r"steps\.0 \(a\): role"),
        ([{"code": "a", "to_days": 1, "after": "b"}, {"code": "b", "to_days": 1}], "does not stand before"),
        ([{"code": "a", "to_days": 1, "after": "a"}], "does not stand before"),
        ([{"code": "a", "from_days": 3, "to_days": 1}], "before from_days"),
        ([{"code": "a", "to_days": 1, "occurrence": 1}], "after.* is missing"),
        ([{"code": "a", "to_days": 1}, {"code": "b", "to_days": 1, "after": "a", "occurrence": 2}], "come back"),
        ([{"code": "a", "to_days": 1}, {"code": "a", "to_days": 2}], "named twice: a"),
        (
            [{"code": "a-2", "to_days": 1}, {"code": "a", "to_days": 2, "repeat": {"times": 2, "every_days": 1}}],
            "named twice: a-2",
        ),
        ([{"code": "a", "to_days": 1, "repeat": {"times": 1, "every_days": 1}}], "greater than or equal to 2"),
        ([{"code": "A b", "to_days": 1}], "match pattern"),
        ([{"code": "a", "to_days": 1, "colour": "red"}], "Extra inputs"),
        ([], "at least 1"),
    ],
)
def test_a_bad_pathway_is_refused(steps: list[dict[str, Any]], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        template(*steps)
