"""Weekly hours in France, over clock changes and midnights."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from snp_dispatch.domain.recurrence import PARIS, WeeklyHours, expand, local_date

DAYTIME = WeeklyHours(frozenset(range(1, 8)), time(8), time(12), 30, 60, date(2026, 1, 1))
NIGHT = replace(DAYTIME, starts=time(20), ends=time(8))
MONDAY = date(2026, 11, 23)


def test_a_working_day() -> None:
    found = expand(DAYTIME, MONDAY, MONDAY)
    assert [it.starts_at.hour for it in found] == [7, 8, 9, 10]  # UTC+1 in November
    assert {it.ends_at - it.starts_at for it in found} == {timedelta(minutes=30)}


@pytest.mark.parametrize(
    ("hours", "first", "last", "count"),
    [
        (DAYTIME, MONDAY, MONDAY + timedelta(days=13), 14 * 4),
        (replace(DAYTIME, weekdays=frozenset({1, 3})), MONDAY, MONDAY + timedelta(days=13), 4 * 4),
        (replace(DAYTIME, weekdays=frozenset({7})), MONDAY, MONDAY, 0),
        (replace(DAYTIME, valid_from=MONDAY + timedelta(days=2)), MONDAY, MONDAY + timedelta(days=3), 2 * 4),
        (replace(DAYTIME, valid_until=MONDAY), MONDAY, MONDAY + timedelta(days=3), 4),
        (replace(DAYTIME, valid_until=MONDAY - timedelta(days=1)), MONDAY, MONDAY, 0),
        (DAYTIME, MONDAY, MONDAY - timedelta(days=1), 0),
        (replace(DAYTIME, slot_minutes=30, every_minutes=30), MONDAY, MONDAY, 8),
        (replace(DAYTIME, slot_minutes=45, every_minutes=60, ends=time(9, 30)), MONDAY, MONDAY, 1),
        (replace(DAYTIME, slot_minutes=300, every_minutes=300), MONDAY, MONDAY, 0),
        (replace(DAYTIME, starts=time(0), ends=time(0)), MONDAY, MONDAY, 24),
        (NIGHT, MONDAY, MONDAY, 12),
    ],
)
def test_how_many(hours: WeeklyHours, first: date, last: date, count: int) -> None:
    assert len(expand(hours, first, last)) == count


def test_a_night_belongs_to_the_day_on_which_it_starts() -> None:
    found = expand(replace(NIGHT, weekdays=frozenset({7})), MONDAY - timedelta(days=1), MONDAY)
    assert found[0].starts_at == datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
    assert found[-1].starts_at == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sunday", "length"),
    [(date(2026, 3, 29), 11), (date(2026, 10, 25), 13), (date(2026, 11, 1), 12)],
)
def test_the_night_of_a_clock_change(sunday: date, length: int) -> None:
    found = expand(NIGHT, sunday - timedelta(days=1), sunday - timedelta(days=1))
    assert len(found) == length
    assert found[0].starts_at.astimezone(PARIS).hour == 20
    assert found[-1].starts_at.astimezone(PARIS).hour == 7
    assert all(one.ends_at <= two.starts_at for one, two in pairwise(found))


@pytest.mark.parametrize(
    ("day", "utc_hour"),
    [(date(2026, 3, 28), 7), (date(2026, 3, 29), 6), (date(2026, 10, 24), 6), (date(2026, 10, 25), 7)],
)
def test_eight_in_the_morning_stays_eight(day: date, utc_hour: int) -> None:
    first = expand(DAYTIME, day, day)[0]
    assert first.starts_at.hour == utc_hour
    assert first.starts_at.astimezone(PARIS).time() == time(8)


def test_an_hour_that_is_skipped_moves_forward() -> None:
    gap = replace(DAYTIME, starts=time(2, 30), ends=time(4))
    (only,) = expand(gap, date(2026, 3, 29), date(2026, 3, 29))
    assert only.starts_at.astimezone(PARIS).time() == time(3, 30)


def test_following_days_never_overlap() -> None:
    found = expand(replace(DAYTIME, starts=time(0), ends=time(0)), date(2026, 3, 20), date(2026, 4, 5))
    assert all(one.ends_at <= two.starts_at for one, two in pairwise(found))


def test_local_date() -> None:
    assert local_date(datetime(2026, 11, 23, 23, 30, tzinfo=UTC)) == date(2026, 11, 24)
