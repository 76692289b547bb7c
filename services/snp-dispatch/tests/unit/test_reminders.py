"""Which reminders of a visit are still to come."""

from datetime import UTC, datetime, timedelta

import pytest

from snp_dispatch.domain.reminders import reminders

STARTS = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours_left", "minutes", "due"),
    [
        (48, (1440, 120), [120, 1440]),
        (48, (120, 1440, 120), [120, 1440]),
        (24, (1440, 120), [120]),
        (3, (1440, 120), [120]),
        (2, (1440, 120), []),
        (48, (), []),
    ],
)
def test_those_later_than_the_booking(hours_left: float, minutes: tuple[int, ...], due: list[int]) -> None:
    found = list(reminders(STARTS, minutes, STARTS - timedelta(hours=hours_left)))
    assert [it.minutes for it in found] == due
    assert all(it.due == STARTS - timedelta(minutes=it.minutes) for it in found)


def test_each_lasts_until_the_next() -> None:
    two, day = reminders(STARTS, (1440, 120), STARTS - timedelta(days=3))
    assert (two.until, day.until) == (STARTS, two.due)
