"""When steps are due."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pathway_made import template

from pathways.domain.dating import Pause, Plan, Window, count_days, date_steps, local_day
from pathways.domain.layout import Rule, lay_out
from pathways.domain.template import Template

START = date(2026, 3, 2)  # A Monday


def windows(template: Template, **done_on: date) -> dict[str, tuple[int, int]]:
    """First and last day of every step, in days after the enrolment."""
    done = {key.replace("_", "-"): day for key, day in done_on.items()}
    dated = date_steps([it.rule for it in lay_out(template.steps)], Plan(START, template.days(START, {}), done))
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
    dated = date_steps([Rule("a", None, 21, 21)], Plan(date(2026, 3, 20)))
    assert dated["a"].due_on == date(2026, 4, 10)
    assert dated["a"].due_at.utcoffset() == timedelta(hours=2)


def test_a_step_with_each_time_of_another_comes_back_as_often() -> None:
    course = {"code": "c", "to_days": 4, "from_days": 4, "repeat": {"times": 3, "every_days": 21}}
    test_before = {"code": "t", "after": "c", "each": True, "from_days": -3, "to_days": -1}
    report = {"code": "r", "after": "t", "each": True, "from_days": 1, "to_days": 1}
    found = windows(template(report, test_before, course))
    assert {key: found[key] for key in ("t-1", "t-2", "t-3")} == {"t-1": (1, 3), "t-2": (22, 24), "t-3": (43, 45)}
    assert found["r-3"] == (44, 46)
    alone = template({"code": "a", "to_days": 1}, {"code": "b", "after": "a", "each": True, "to_days": 1})
    assert list(windows(alone)) == ["a", "b"]


def test_a_named_day_is_assumed_until_it_is_told() -> None:
    discharge = [{"code": "discharge", "label": "Sortie", "assumed_after_days": 5}]
    visit = template({"code": "visit", "date": "discharge", "from_days": 1, "to_days": 7}, dates=discharge)
    assert windows(visit) == {"visit": (6, 12)}
    told = Plan(START, visit.days(START, {"discharge": START + timedelta(days=20), "other": START}))
    assert date_steps([it.rule for it in lay_out(visit.steps)], told)["visit"].due_on == START + timedelta(days=27)


def test_a_chosen_day_moves_what_hangs_on_it() -> None:
    repeated = template({"code": "c", "to_days": 0, "repeat": {"times": 3, "every_days": 7}})
    day = START + timedelta(days=10)
    dated = date_steps([it.rule for it in lay_out(repeated.steps)], Plan(START, chosen={"c-2": Window(day, day)}))
    assert [(it.due_on - START).days for it in dated.values()] == [0, 10, 17]


@pytest.mark.parametrize(
    ("day", "days", "expected"),
    [(0, 9, 9), (0, 10, 15), (0, 12, 17), (12, 0, 15), (12, 2, 17), (15, 2, 17), (16, -3, 13), (0, 40, 45)],
)
def test_days_of_a_pause_do_not_count(day: int, days: int, expected: int) -> None:
    """Paused from the tenth day to the fifteenth, and again for ten days from the fiftieth."""
    pauses = [Pause(START + timedelta(days=first), START + timedelta(days=end)) for first, end in ((50, 60), (10, 15))]
    expected += 10 if expected >= 50 else 0
    found = count_days(START + timedelta(days=day), days, pauses)
    assert (found - START).days == expected
