from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.periods import BadPeriodError, Period, before, parse_period, periods_between, quarter_of

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "kind", "start", "end"),
    [
        ("2026", "year", "2026-01-01T00:00:00+01:00", "2027-01-01T00:00:00+01:00"),
        ("2026-H1", "half_year", "2026-01-01T00:00:00+01:00", "2026-07-01T00:00:00+02:00"),
        ("2026-H2", "half_year", "2026-07-01T00:00:00+02:00", "2027-01-01T00:00:00+01:00"),
        ("2026-Q1", "quarter", "2026-01-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00"),
        ("2026-Q2", "quarter", "2026-04-01T00:00:00+02:00", "2026-07-01T00:00:00+02:00"),
        ("2026-Q3", "quarter", "2026-07-01T00:00:00+02:00", "2026-10-01T00:00:00+02:00"),
        ("2026-Q4", "quarter", "2026-10-01T00:00:00+02:00", "2027-01-01T00:00:00+01:00"),
    ],
)
def test_midnights_follow_summer_time(text: str, kind: str, start: str, end: str) -> None:
    period = parse_period(text, PARIS)
    assert (period.id, period.kind) == (text, kind)
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "26",
        "2026-Q5",
        "2026-Q0",
        "2026-H3",
        "2026-q4",
        "2026Q4",
        "2026-12",
        "1999",
        "2026-Q4 ",
        "٢٠٢٦",
        "2026-Q4\n",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadPeriodError, match="is not a period"):
        parse_period(text, PARIS)


@pytest.mark.parametrize(
    ("instant", "quarter"),
    [
        (datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC), "2026-Q4"),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), "2027-Q1"),
        (datetime(2026, 3, 31, 21, 59, 59, tzinfo=UTC), "2026-Q1"),
        (datetime(2026, 3, 31, 22, 0, tzinfo=UTC), "2026-Q2"),
    ],
)
def test_the_present_quarter_is_the_one_in_paris(instant: datetime, quarter: str) -> None:
    assert quarter_of(instant, PARIS).id == quarter


@given(st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_instant_is_in_exactly_one_quarter_half_and_year(instant: datetime) -> None:
    year = instant.astimezone(PARIS).year
    for names in ([f"{year}-Q{n}" for n in range(1, 5)], [f"{year}-H{n}" for n in (1, 2)], [str(year)]):
        periods = [parse_period(name, PARIS) for name in names]
        assert sum(period.start <= instant < period.end for period in periods) == 1
        assert all(left.end == right.start for left, right in pairwise(periods))


def test_a_period_is_open_until_its_last_instant() -> None:
    period = parse_period("2026-Q4", PARIS)
    assert period.is_open(datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC))
    assert not period.is_open(datetime(2026, 12, 31, 23, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("period", "previous"),
    [
        ("2026", "2025"),
        ("2026-H2", "2026-H1"),
        ("2026-H1", "2025-H2"),
        ("2026-Q3", "2026-Q2"),
        ("2026-Q1", "2025-Q4"),
    ],
)
def test_the_period_before_ends_where_this_one_starts(period: str, previous: str) -> None:
    found, earlier = parse_period(period, PARIS), parse_period(previous, PARIS)
    assert before(found) == earlier
    assert earlier.end == found.start


@pytest.mark.parametrize(("period", "previous"), [("2000", "1999"), ("2000-H1", "1999-H2"), ("2000-Q1", "1999-Q4")])
def test_before_the_first_period_that_can_be_asked_for_there_is_one_too(period: str, previous: str) -> None:
    found = parse_period(period, PARIS)
    earlier = before(found)
    assert earlier is not None
    assert (earlier.id, earlier.end) == (previous, found.start)


def test_a_campaign_follows_no_other() -> None:
    year = parse_period("2026", PARIS)
    campaign = Period("vaccination-2026", "campaign", year.start, year.end)
    assert before(campaign) is None
    assert periods_between(campaign, campaign, 3) == [campaign]


def test_periods_follow_each_other() -> None:
    first, last = parse_period("2025-Q3", PARIS), parse_period("2026-Q2", PARIS)
    found = periods_between(first, last, 4)
    assert [it.id for it in found] == ["2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"]
    assert periods_between(first, first, 1) == [first]


@pytest.mark.parametrize(
    ("first", "last", "why"),
    [
        ("2026-Q1", "2026", "not of one kind"),
        ("2026-Q2", "2026-Q1", "comes before"),
        ("2024-Q1", "2026-Q4", "more than 8 periods"),
    ],
)
def test_what_is_no_range_of_periods(first: str, last: str, why: str) -> None:
    with pytest.raises(BadPeriodError, match=why):
        periods_between(parse_period(first, PARIS), parse_period(last, PARIS), 8)
