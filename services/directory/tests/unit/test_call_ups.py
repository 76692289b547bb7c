"""The next wave, and who gets which seat."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from directory.domain.call_ups import OpenShift, Volunteer, seats, sends_wave


def at(hour: int) -> datetime:
    return datetime(2026, 12, 1, hour, tzinfo=UTC)


def shift(number: int, starts: int, ends: int, *professions: str, free: int = 1) -> OpenShift:
    return OpenShift(UUID(int=number), at(starts), at(ends), professions, free)


def volunteer(rpps: str, starts: int = 0, ends: int = 23, profession: str = "60") -> Volunteer:
    return Volunteer(rpps, [profession], at(starts), at(ends))


def given(*pairs: tuple[int, str]) -> list[tuple[UUID, str]]:
    return [(UUID(int=number), rpps) for number, rpps in pairs]


@pytest.mark.parametrize(
    ("available", "wanted", "waiting", "sends"),
    [(0, 1, 5, True), (1, 1, 5, False), (0, 1, 0, False), (2, 3, 1, True), (4, 3, 1, False)],
)
def test_a_wave_is_sent_while_too_few_are_available(available: int, wanted: int, waiting: int, sends: bool) -> None:
    assert sends_wave(available=available, wanted=wanted, waiting=waiting) is sends


def test_nobody_is_on_two_shifts_of_one_hour_and_shifts_are_shared_out() -> None:
    shifts = [shift(1, 8, 12), shift(2, 10, 14), shift(3, 14, 18), shift(4, 18, 20)]
    assert seats(shifts, [volunteer("a"), volunteer("b")], {}) == given((1, "a"), (2, "b"), (3, "a"), (4, "b"))
    assert seats(shifts[:2], [volunteer("a")], {}) == given((1, "a"))


def test_only_who_is_there_for_the_whole_of_it_and_of_its_profession() -> None:
    wanted = [shift(1, 8, 12, "10", free=5)]
    people = [volunteer("nurse"), volunteer("late", 9, 23, "10"), volunteer("doctor", 8, 12, "10")]
    assert seats(wanted, people, {}) == given((1, "doctor"))


def test_no_more_than_the_free_seats_are_given() -> None:
    assert len(seats([shift(1, 8, 12, free=2)], [volunteer(it) for it in "abc"], {})) == 2


def test_who_is_on_duty_already_is_not_asked_twice_and_comes_after_the_others() -> None:
    duties = {"a": [(at(8), at(12))]}
    people = [volunteer("a"), volunteer("b")]
    assert seats([shift(1, 8, 12, free=2), shift(2, 14, 16)], people, duties) == given((1, "b"), (2, "a"))
