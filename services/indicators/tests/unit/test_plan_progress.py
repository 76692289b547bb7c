"""When a step is late, what a note may say, and where a figure went."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from indicators.domain.action_plan import Calendar, Step
from indicators.domain.movement import movement
from indicators.domain.plan_progress import (
    BadProgressError,
    Progress,
    State,
    check_progress,
    day_of,
    sheet_state,
    standing_of,
)

PARIS = ZoneInfo("Europe/Paris")
JUNE = Calendar(written="06/2026", begins_on=date(2026, 6, 1), ends_on=date(2026, 6, 30))

LATE = [
    # what was noted, on which day, seen on which day -> late?, days late
    ("planned", None, "2026-05-01", False, 0),
    ("planned", None, "2026-06-30", False, 0),
    ("planned", None, "2026-07-01", True, 1),
    ("begun", "2026-06-15", "2026-06-30", False, 0),
    ("begun", "2026-06-15", "2026-07-31", True, 31),
    ("done", "2026-06-30", "2026-12-01", False, 0),
    ("done", "2026-07-10", "2026-12-01", False, 10),
]


@pytest.mark.parametrize(("state", "since", "today", "late", "days"), LATE)
def test_a_step_is_late_from_the_day_after_its_last(
    state: State, since: str | None, today: str, late: bool, days: int
) -> None:
    step = Step(number="1.1.1", label="Solliciter", calendar=JUNE)
    progress = Progress(state, date.fromisoformat(since) if since else None)
    found = standing_of(step, progress, date.fromisoformat(today))
    assert (found.late, found.days_late) == (late, days)


def test_a_step_without_a_calendar_is_never_late() -> None:
    found = standing_of(Step(number="1.1.1", label="Solliciter"), Progress(), date(2099, 1, 1))
    assert (found.late, found.days_late) == (False, None)


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        (["planned", "planned"], "planned"),
        (["planned", "begun"], "begun"),
        (["planned", "done"], "begun"),
        (["done", "done"], "done"),
    ],
)
def test_the_state_of_a_sheet_follows_from_its_steps(states: list[State], whole: State) -> None:
    step = Step(number="1.1.1", label="Solliciter")
    steps = [standing_of(step, Progress(state, date(2026, 1, 1)), date(2026, 2, 1)) for state in states]
    assert sheet_state(steps) == whole


BEGUN = Progress("begun", date(2026, 6, 10))
NOTES = [
    # where the step stands, the state noted, its day, a proof? -> refused for (today is 2026-06-20)
    (Progress(), "begun", "2026-06-20", False, None),
    (Progress(), None, "2026-06-01", False, None),
    (Progress(), "done", "2026-06-20", True, None),
    (BEGUN, "done", "2026-06-10", True, None),
    (BEGUN, "planned", "2026-06-20", False, None),
    (Progress("done", date(2026, 6, 15)), "begun", "2026-06-20", False, None),
    (Progress(), "begun", "2026-06-21", False, ("on_day", "day_to_come")),
    (BEGUN, "begun", "2026-06-20", False, ("state", "state_already")),
    (BEGUN, "done", "2026-06-09", True, ("on_day", "done_before_begun")),
    (BEGUN, "done", "2026-06-20", False, ("proof", "proof_missing")),
]


@pytest.mark.parametrize(("present", "state", "day", "proved", "refused"), NOTES)
def test_what_a_note_may_say(
    present: Progress, state: State | None, day: str, proved: bool, refused: tuple[str, str] | None
) -> None:
    found = None
    try:
        check_progress(present, state, date.fromisoformat(day), date(2026, 6, 20), proved=proved)
    except BadProgressError as error:
        found = (error.field, error.code)
    assert found == refused


def test_the_day_of_a_view_is_that_of_paris() -> None:
    assert day_of(datetime(2026, 7, 1, 22, 30, tzinfo=UTC), None, PARIS) == date(2026, 7, 2)
    assert day_of(datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=PARIS), PARIS) == date(2026, 6, 30)


@pytest.mark.parametrize(
    ("value", "before", "went"),
    [(3, 2, "up"), (2, 3, "down"), (2.5, 2.5, "stable"), (0, 0, "stable"), (None, 2, None), (2, None, None)],
)
def test_where_a_figure_went(value: float | None, before: float | None, went: str | None) -> None:
    assert movement(value, before) == went
