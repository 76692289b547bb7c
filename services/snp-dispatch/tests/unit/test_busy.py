"""Busy time out of iCalendar files as calendar programs write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from snp_dispatch.domain.busy import CalendarRefused, busy_time

PARIS = ZoneInfo("Europe/Paris")
SINCE, UNTIL = datetime(2026, 11, 24, tzinfo=UTC), datetime(2027, 1, 23, tzinfo=UTC)


def file(*events: str) -> str:
    body = "".join(f"BEGIN:VEVENT\r\nUID:{n}@x\r\n{event}\r\nEND:VEVENT\r\n" for n, event in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//x//EN\r\n{body}END:VCALENDAR\r\n"


def starts(*events: str) -> list[str]:
    found = busy_time(file(*events), SINCE, UNTIL, PARIS).periods
    return [f"{it.starts_at:%m-%d %H:%M}-{it.ends_at:%H:%M}" for it in found]


AT = "DTSTART;TZID=Europe/Paris:{0}T090000\r\nDTEND;TZID=Europe/Paris:{0}T100000"


@pytest.mark.parametrize(
    ("event", "busy"),
    [
        (AT.format("20261125"), ["11-25 08:00-09:00"]),
        ("DTSTART:20261125T080000Z\r\nDURATION:PT30M", ["11-25 08:00-08:30"]),
        ("DTSTART:20261125T090000\r\nDTEND:20261125T100000", ["11-25 08:00-09:00"]),
        ("DTSTART;VALUE=DATE:20261125\r\nDTEND;VALUE=DATE:20261126", ["11-24 23:00-23:00"]),
        ("DTSTART;VALUE=DATE:20261125", ["11-24 23:00-23:00"]),
        (AT.format("20261125") + "\r\nTRANSP:TRANSPARENT", []),
        (AT.format("20261125") + "\r\nSTATUS:CANCELLED", []),
        (AT.format("20261101"), []),
        (AT.format("20270601"), []),
        (
            AT.format("20261103") + "\r\nRRULE:FREQ=WEEKLY;UNTIL=20261208T225959Z;BYDAY=TU"
            "\r\nEXDATE;TZID=Europe/Paris:20261201T090000",
            ["11-24 08:00-09:00", "12-08 08:00-09:00"],
        ),
        (AT.format("20200229") + "\r\nRRULE:FREQ=YEARLY", []),
        (
            AT.format("20261130") + "\r\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2",
            ["11-30 08:00-09:00", "12-31 08:00-09:00"],
        ),
    ],
)
def test_what_counts_as_busy(event: str, busy: list[str]) -> None:
    assert starts(event) == busy


def test_a_moved_occurrence_is_busy_where_it_went() -> None:
    weekly = "BEGIN:VEVENT\r\nUID:s@x\r\n" + AT.format("20261125") + "\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\nEND:VEVENT\r\n"
    moved = (
        "BEGIN:VEVENT\r\nUID:s@x\r\nRECURRENCE-ID;TZID=Europe/Paris:20261202T090000\r\n"
        + AT.format("20261203") + "\r\nEND:VEVENT\r\n"
    )  # fmt: skip
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{weekly}{moved}END:VCALENDAR\r\n"
    found = busy_time(text, SINCE, UNTIL, PARIS).periods
    assert [it.starts_at.day for it in found] == [25, 3]


def test_an_hour_keeps_through_a_clock_change() -> None:
    text = file(AT.format("20270320") + "\r\nRRULE:FREQ=DAILY;COUNT=10")
    found = busy_time(text, datetime(2027, 3, 27, tzinfo=UTC), datetime(2027, 3, 29, tzinfo=UTC), PARIS).periods
    assert [it.starts_at.hour for it in found] == [8, 7]


def test_our_own_feed_closes_nothing() -> None:
    text = file(AT.format("20261125")).replace("0@x", "0@cpts")
    assert busy_time(text, SINCE, UNTIL, PARIS).periods == ()


def test_a_rule_that_is_not_understood_is_counted() -> None:
    found = busy_time(file(AT.format("20261125") + "\r\nRRULE:FREQ=HOURLY"), SINCE, UNTIL, PARIS)
    assert (len(found.periods), found.skipped) == (1, 1)


@pytest.mark.parametrize("text", ["", "hello", file("DTSTART:yesterday")])
def test_what_is_no_calendar(text: str) -> None:
    with pytest.raises(CalendarRefused, match="calendar"):
        busy_time(text, SINCE, UNTIL, PARIS)
