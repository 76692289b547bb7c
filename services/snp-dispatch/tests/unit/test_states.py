"""The state machines: what may follow what, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from snp_dispatch.domain.states import (
    BOOKING,
    CALL,
    HOLD,
    StepRefused,
    Table,
    after_cancelled_booking,
    end_booking,
    held_now,
    step,
    waits_now,
)

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EARLY = 15 * MINUTE

CALL_STATES = ("open", "waiting", "booked", "refused", "redirected", "cancelled", "expired")
HOLD_STATES = ("active", "confirmed", "released", "expired")
BOOKING_STATES = ("confirmed", "cancelled", "fulfilled", "no_show")


@pytest.mark.parametrize(
    ("table", "states", "allowed"),
    [
        (CALL, CALL_STATES, {"open": 3, "waiting": 3, "booked": 2}),
        (HOLD, HOLD_STATES, {"active": 5}),
        (BOOKING, BOOKING_STATES, {"confirmed": 4, "fulfilled": 1, "no_show": 1}),
    ],
)
def test_only_the_drawn_steps_exist(table: Table, states: tuple[str, ...], allowed: dict[str, int]) -> None:
    assert {state for state, _ in table} == set(allowed)
    assert set(table.values()) <= set(states)
    for state in states:
        assert sum(1 for start, _ in table if start == state) == allowed.get(state, 0)


def test_a_step_that_is_not_drawn_is_refused() -> None:
    with pytest.raises(StepRefused) as refused:
        step(HOLD, "released", "confirm", refusal="hold_not_active")
    assert (refused.value.code, refused.value.state) == ("hold_not_active", "released")


@pytest.mark.parametrize(
    ("state", "action", "minutes", "result"),
    [
        ("confirmed", "cancel", -60, "cancelled"),
        ("confirmed", "cancel", -1, "cancelled"),
        ("confirmed", "cancel", 0, "booking_started"),
        ("confirmed", "fulfil", -16, "too_early"),
        ("confirmed", "fulfil", -15, "fulfilled"),
        ("confirmed", "fulfil", 600, "fulfilled"),
        ("confirmed", "no_show", -1, "too_early"),
        ("confirmed", "no_show", 0, "no_show"),
        ("cancelled", "cancel", -60, "booking_not_active"),
        ("cancelled", "fulfil", 0, "booking_not_active"),
        ("fulfilled", "no_show", 10, "booking_not_active"),
        ("no_show", "fulfil", 10, "booking_not_active"),
    ],
)
def test_end_of_a_booking(state: str, action: str, minutes: int, result: str) -> None:
    try:
        found = end_booking(state, action, START, START + minutes * MINUTE, EARLY)
    except StepRefused as refused:
        found = refused.code
    assert found == result


@pytest.mark.parametrize(
    ("by", "minutes_left", "state"),
    [
        ("patient", 60, "cancelled"),
        ("caller", 60, "cancelled"),
        ("practitioner", 60, "waiting"),
        ("operator", 60, "waiting"),
        ("practitioner", 0, "expired"),
    ],
)
def test_call_of_a_cancelled_booking(by: str, minutes_left: int, state: str) -> None:
    assert after_cancelled_booking(by, START + minutes_left * MINUTE, START) == state


def test_time_passes_without_a_sweeper() -> None:
    assert held_now("active", START, START) == "expired"
    assert held_now("active", START + MINUTE, START) == "active"
    assert held_now("confirmed", START - MINUTE, START) == "confirmed"
    assert waits_now("open", START, START) == "expired"
    assert waits_now("waiting", START + MINUTE, START) == "waiting"
    assert waits_now("booked", START - MINUTE, START) == "booked"
