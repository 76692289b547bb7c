"""Calendar months of a zone, and where they cut a period."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from indicators.domain.months import by_month, months_over
from indicators.domain.periods import parse_period

PARIS = ZoneInfo("Europe/Paris")


def day(year: int, month: int, number: int = 1) -> datetime:
    return datetime(year, month, number, tzinfo=PARIS)


def test_a_year_is_its_months_without_gap_or_overlap() -> None:
    period = parse_period("2026", PARIS)
    stretches = by_month(period.start, period.end)
    assert (len(stretches), stretches[0][0], stretches[-1][1]) == (12, period.start, period.end)
    assert [until for _, until in stretches[:-1]] == [since for since, _ in stretches[1:]]


def test_the_edges_of_a_campaign_are_parts_of_months() -> None:
    assert by_month(day(2025, 10, 15), day(2026, 1, 10)) == [
        (day(2025, 10, 15), day(2025, 11)),
        (day(2025, 11), day(2025, 12)),
        (day(2025, 12), day(2026, 1)),
        (day(2026, 1), day(2026, 1, 10)),
    ]
    assert by_month(day(2026, 3, 5), day(2026, 3, 9)) == [(day(2026, 3, 5), day(2026, 3, 9))]


def test_months_in_which_clocks_change_have_their_own_lengths() -> None:
    hours = [(until.astimezone(UTC) - since.astimezone(UTC)).total_seconds() / 3600 for since, until in by_year(2026)]
    assert (hours[2], hours[9]) == (31 * 24 - 1, 31 * 24 + 1)


def by_year(year: int) -> list[tuple[datetime, datetime]]:
    return by_month(day(year, 1), day(year + 1, 1))


def test_a_month_is_over_at_midnight_of_its_zone() -> None:
    last, first = datetime(2026, 11, 30, 22, 59, tzinfo=UTC), datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert months_over(last, PARIS, 2) == [(day(2026, 9), day(2026, 10)), (day(2026, 10), day(2026, 11))]
    assert months_over(first, PARIS, 1) == [(day(2026, 11), day(2026, 12))]
