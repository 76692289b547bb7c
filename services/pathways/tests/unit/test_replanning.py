"""Dates follow from the plan alone: how often and in which order it changed does not show."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathway_made import template

from pathways.domain.dating import Pause, Plan, Window, date_steps
from pathways.domain.layout import lay_out
from pathways.domain.replanning import has_its_turn

START = date(2026, 1, 5)
PATHWAY = template(
    {"code": "first", "to_days": 5},
    {"code": "cure", "after": "first", "from_days": 7, "to_days": 9, "repeat": {"times": 6, "every_days": 21}},
    {"code": "blood", "after": "cure", "each": True, "from_days": -3, "to_days": -1},
    {"code": "image", "after": "cure", "occurrence": 3, "from_days": 7, "to_days": 21},
    {"code": "review", "after": "image", "to_days": 14},
)
RULES = [it.rule for it in lay_out(PATHWAY.steps)]
KEYS = st.sampled_from([rule.key for rule in RULES])
DAYS = st.integers(0, 300).map(lambda days: START + timedelta(days=days))


@given(st.lists(st.tuples(KEYS, DAYS), min_size=1, max_size=10), st.dictionaries(KEYS, DAYS, max_size=5))
def test_postponing_again_and_again_is_postponing_to_the_last_day(
    moves: list[tuple[str, date]], done_on: dict[str, date]
) -> None:
    plan = Plan(START, done_on=done_on)
    for key, day in moves:
        plan = Plan(START, done_on=done_on, chosen={**plan.chosen, key: Window(day, day)})
        date_steps(RULES, plan)
    last = {key: Window(day, day) for key, day in moves}
    assert date_steps(RULES, plan) == date_steps(RULES, Plan(START, done_on=done_on, chosen=last))


@given(KEYS, DAYS)
def test_only_what_counts_from_a_postponed_step_moves(key: str, day: date) -> None:
    before, after = date_steps(RULES, Plan(START)), date_steps(RULES, Plan(START, chosen={key: Window(day, day)}))
    anchors = {rule.key: rule.anchor for rule in RULES}

    def hangs(other: str | None) -> bool:
        return other is not None and (other == key or hangs(anchors[other]))

    assert {other for other in before if before[other] != after[other]} <= {other for other in anchors if hangs(other)}


@given(DAYS, st.integers(0, 60), st.integers(0, 60))
def test_a_longer_pause_never_brings_a_step_forward(first: date, short: int, longer: int) -> None:
    ends = sorted((short, longer))
    one, other = (date_steps(RULES, Plan(START, pauses=(Pause(first, first + timedelta(days=end)),))) for end in ends)
    assert all(one[key].due_on <= other[key].due_on for key in one if not key.startswith("blood"))


@pytest.mark.parametrize(
    ("opens_in", "anchor", "expected"),
    [(0, None, True), (0, "done", True), (0, "cure", False), (1, None, False), (1, "cure", False)],
)
def test_a_step_has_its_turn_once_it_is_open_and_nothing_before_it_is_left(
    opens_in: int, anchor: str | None, *, expected: bool
) -> None:
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert has_its_turn(now + timedelta(seconds=opens_in), anchor, {"cure", "review"}, now) is expected
