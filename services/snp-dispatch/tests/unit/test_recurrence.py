"""Recurring hours, over clock changes and midnights."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from snp_dispatch.domain.public_holidays import Holidays
from snp_dispatch.domain.recurrence import Hours, RuleRefused, check_rule, expand

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
DAYTIME = Hours(PARIS, time(8), time(12), 30, 60, date(2026, 1, 1), weekdays=frozenset(range(1, 8)))
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
def test_how_many(hours: Hours, first: date, last: date, count: int) -> None:
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


def days_of(hours: Hours, first: date, last: date) -> list[date]:
    return sorted({it.starts_at.astimezone(hours.zone).date() for it in expand(hours, first, last)})


def by_rule(rule: str, **changes: Any) -> Hours:
    return replace(DAYTIME, weekdays=frozenset(), rule=rule, **changes)


@pytest.mark.parametrize(
    ("rule", "start", "until", "days"),
    [
        ("FREQ=MONTHLY;BYDAY=1SA", date(2026, 1, 1), date(2026, 4, 30), ["01-03", "02-07", "03-07", "04-04"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", date(2026, 1, 1), date(2026, 3, 31), ["01-30", "02-27", "03-27"]),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH",
            date(2026, 1, 6),
            date(2026, 1, 31),
            ["01-06", "01-08", "01-20", "01-22"],
        ),
        ("FREQ=DAILY;INTERVAL=10", date(2026, 1, 1), date(2026, 2, 1), ["01-01", "01-11", "01-21", "01-31"]),
        ("FREQ=DAILY;COUNT=2", date(2026, 1, 1), date(2026, 2, 1), ["01-01", "01-02"]),
        ("FREQ=WEEKLY;UNTIL=20260115", date(2026, 1, 1), date(2026, 2, 1), ["01-01", "01-08", "01-15"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", date(2026, 1, 1), date(2026, 2, 28), ["01-30", "02-27"]),
    ],
)
def test_days_by_rule(rule: str, start: date, until: date, days: list[str]) -> None:
    found = days_of(by_rule(rule, valid_from=start), start, until)
    assert [f"{day:%m-%d}" for day in found] == days


def test_the_29th_of_february_comes_every_fourth_year() -> None:
    leap = by_rule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", valid_from=date(2028, 2, 29))
    assert days_of(leap, date(2028, 1, 1), date(2036, 12, 31)) == [date(year, 2, 29) for year in (2028, 2032, 2036)]
    # By RFC 5545 a date that does not exist is left out, not moved.
    yearly = by_rule("FREQ=YEARLY", valid_from=date(2028, 2, 29))
    assert days_of(yearly, date(2028, 1, 1), date(2033, 1, 1)) == [date(2028, 2, 29), date(2032, 2, 29)]


def test_a_rule_is_counted_from_its_first_day_however_far_the_window_is() -> None:
    fortnight = by_rule("FREQ=WEEKLY;INTERVAL=2", valid_from=date(2026, 1, 5))
    assert days_of(fortnight, date(2027, 1, 1), date(2027, 1, 20)) == [date(2027, 1, 4), date(2027, 1, 18)]


def test_exceptions_and_extra_days() -> None:
    mondays = replace(
        DAYTIME,
        weekdays=frozenset({1}),
        except_dates=frozenset({MONDAY}),
        extra_dates=frozenset({MONDAY + timedelta(days=2), MONDAY + timedelta(days=90)}),
    )
    assert days_of(mondays, MONDAY, MONDAY + timedelta(days=8)) == [
        MONDAY + timedelta(days=2),
        MONDAY + timedelta(days=7),
    ]


@pytest.mark.parametrize(
    ("commune", "extra", "days"),
    [
        ("35236", frozenset(), [24, 26, 27, 28]),
        ("67482", frozenset(), [24, 27, 28]),  # Strasbourg: the second day of Christmas too
        ("67482", frozenset({date(2026, 12, 26)}), [24, 26, 27, 28]),
    ],
)
def test_a_holiday_of_the_place_is_skipped(commune: str, extra: frozenset[date], days: list[int]) -> None:
    hours = replace(DAYTIME, extra_dates=extra)
    found = expand(hours, date(2026, 12, 24), date(2026, 12, 28), lambda day: Holidays().is_holiday(day, commune))
    assert sorted({it.starts_at.astimezone(PARIS).day for it in found}) == days


def test_la_reunion_has_its_own_clock_and_no_clock_change() -> None:
    there = replace(DAYTIME, zone=REUNION)
    for day in (date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 25)):
        assert expand(there, day, day)[0].starts_at == datetime.combine(day, time(4), UTC)


@pytest.mark.parametrize(
    "rule",
    [
        "", "FREQ=HOURLY", "FREQ=MINUTELY", "FREQ=SECONDLY", "FREQ=DAILY;BYHOUR=8", "FREQ=DAILY;INTERVAL=0",
        "FREQ=WEEKLY;BYDAY=XX", "INTERVAL=2", "FREQ=DAILY;FREQ=WEEKLY", "FREQ=WEEKLY;BYEASTER=1", "freq=weekly",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;UNTIL=20261301", "FREQ=DAILY;UNTIL=20261231T000000Z",
        "FREQ=DAILY;COUNT=2;UNTIL=2026", "FREQ=DAILY\nRRULE:FREQ=WEEKLY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;UNTIL=20200101",
    ],
)  # fmt: skip
def test_rules_that_no_availability_can_follow(rule: str) -> None:
    with pytest.raises(RuleRefused):
        check_rule(rule, MONDAY, None)


def test_a_rule_that_names_no_day_before_its_end_is_refused() -> None:
    check_rule("FREQ=MONTHLY;BYDAY=1SA", MONDAY, date(2026, 12, 5))
    with pytest.raises(RuleRefused, match="no day"):
        check_rule("FREQ=MONTHLY;BYDAY=1SA", MONDAY, date(2026, 12, 4))
