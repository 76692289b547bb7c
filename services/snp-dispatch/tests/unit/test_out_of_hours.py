"""Does a wait cross a night, a Sunday or a holiday, and who is on duty: tables on the files that run."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from kit.territories import load_yaml
from snp_dispatch.domain.out_of_hours import Calendar, OutOfHoursRules, Period
from snp_dispatch.domain.public_holidays import Holidays

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
REDON, STRASBOURG, SAINT_DENIS = "35236", "67482", "97411"


def holidays(commune: str) -> Callable[[date], bool]:
    return lambda day: Holidays().is_holiday(day, commune)


@pytest.fixture(scope="module")
def redon(deploy_dir: Path) -> Calendar:
    rules = load_yaml(deploy_dir / "territories" / "pays-de-redon" / "snp-out-of-hours.yaml", OutOfHoursRules)
    return Calendar(rules, PARIS, holidays(REDON))


def at(text: str, zone: ZoneInfo = PARIS) -> datetime:
    """`2026-11-24 19:30` on the clocks of the place."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


WAITS = [
    # received, seen, the period that the wait crosses
    ("2026-11-24 10:00", "2026-11-24 14:00", None),  # Tuesday, the same day
    ("2026-11-24 19:30", "2026-11-25 09:00", ("2026-11-24 20:00", "2026-11-25 08:00")),  # the night
    ("2026-11-24 10:00", "2026-11-25 09:00", ("2026-11-24 20:00", "2026-11-25 08:00")),
    ("2026-11-24 10:00", "2026-11-25 08:00", ("2026-11-24 20:00", "2026-11-25 08:00")),  # seen as the night ends
    ("2026-11-24 19:30", "2026-11-24 20:30", None),  # seen the same evening
    ("2026-11-24 22:00", "2026-11-24 22:30", None),
    ("2026-11-25 03:00", "2026-11-25 07:30", None),  # seen before the night ends
    ("2026-11-25 03:00", "2026-11-25 09:00", ("2026-11-24 20:00", "2026-11-25 08:00")),
    ("2026-11-25 08:00", "2026-11-25 09:00", None),  # 8 h is day
    ("2026-11-24 20:00", "2026-11-25 09:00", ("2026-11-24 20:00", "2026-11-25 08:00")),  # 20 h is night
    # Saturday from noon to Monday morning is one period.
    ("2026-11-28 13:00", "2026-11-30 09:00", ("2026-11-28 12:00", "2026-11-30 08:00")),
    ("2026-11-28 10:00", "2026-11-30 09:00", ("2026-11-28 12:00", "2026-11-30 08:00")),
    ("2026-11-28 13:00", "2026-11-28 15:00", None),  # a Saturday afternoon slot
    ("2026-11-28 13:00", "2026-11-29 10:00", ("2026-11-28 12:00", "2026-11-30 08:00")),  # a Sunday slot: a night before
    ("2026-11-29 09:00", "2026-11-29 11:00", None),  # Sunday, seen on Sunday
    ("2026-11-29 09:00", "2026-11-30 11:00", ("2026-11-28 12:00", "2026-11-30 08:00")),
    ("2026-11-27 19:00", "2026-11-30 11:00", ("2026-11-27 20:00", "2026-11-28 08:00")),  # Friday: its own night first
    # 1 May 2026 is a Friday: from Thursday evening to Saturday morning.
    ("2026-04-30 18:00", "2026-05-04 09:00", ("2026-04-30 20:00", "2026-05-02 08:00")),
    ("2026-05-01 10:00", "2026-05-02 09:00", ("2026-04-30 20:00", "2026-05-02 08:00")),
    # Christmas 2026 is a Friday; in Brittany 26 December is a Saturday like any other.
    ("2026-12-25 10:00", "2026-12-26 09:00", ("2026-12-24 20:00", "2026-12-26 08:00")),
    # Without a slot the wait lasts to the deadline.
    ("2026-11-24 10:00", None, ("2026-11-24 20:00", "2026-11-25 08:00")),
    ("2026-11-24 23:00", None, ("2026-11-24 20:00", "2026-11-25 08:00")),
]


@pytest.mark.parametrize(("received", "seen", "crossed"), WAITS)
def test_what_a_wait_crosses(redon: Calendar, received: str, seen: str | None, crossed: tuple[str, str] | None) -> None:
    deadline = at(received).replace(year=2027)
    found = redon.crossed(at(received), at(seen) if seen else None, deadline)
    assert found == (Period(at(crossed[0]), at(crossed[1])) if crossed else None)


def test_without_a_slot_a_deadline_of_the_same_day_crosses_nothing(redon: Calendar) -> None:
    assert redon.crossed(at("2026-11-24 10:00"), None, at("2026-11-24 20:00")) is None
    assert redon.crossed(at("2026-11-24 10:00"), None, at("2026-11-24 20:01")) is not None


@pytest.mark.parametrize(
    ("received", "seen", "hours"),
    [
        ("2026-10-24 19:00", "2026-10-25 08:30", 45),  # the long night: Saturday noon to Monday 8 h is 44 + 1
        ("2026-03-28 19:00", "2026-03-30 08:30", 43),  # the short one
        ("2026-11-24 19:00", "2026-11-25 08:30", 12),
    ],
)
def test_nights_on_which_the_clocks_change(redon: Calendar, received: str, seen: str, hours: int) -> None:
    period = redon.crossed(at(received), at(seen), at(seen))
    assert period is not None
    assert (period.ends - period.starts).total_seconds() == hours * 3600
    assert period.ends.astimezone(PARIS).hour == 8


def test_alsace_has_its_26_december() -> None:
    strasbourg = Calendar(OutOfHoursRules(saturday_from_noon=False), PARIS, holidays(STRASBOURG))
    brittany = Calendar(OutOfHoursRules(saturday_from_noon=False), PARIS, holidays(REDON))
    received, seen = at("2025-12-26 09:00"), at("2025-12-27 09:00")  # a Friday
    there, here = (it.crossed(received, seen, seen) for it in (strasbourg, brittany))
    assert there == Period(at("2025-12-24 20:00"), at("2025-12-27 08:00"))
    assert here == Period(at("2025-12-26 20:00"), at("2025-12-27 08:00"))


def test_la_reunion_has_its_own_clock_and_its_own_days() -> None:
    island = Calendar(OutOfHoursRules(), REUNION, holidays(SAINT_DENIS))
    # 20 December (abolition of slavery) 2027 is a Monday there.
    received, seen = at("2027-12-20 10:00", REUNION), at("2027-12-21 09:00", REUNION)
    weekend = Period(at("2027-12-18 12:00", REUNION), at("2027-12-21 08:00", REUNION))
    assert island.crossed(received, seen, seen) == weekend
    # 19:30 in La Réunion is the middle of the afternoon in Paris.
    evening = at("2026-11-24 19:30", REUNION)
    morning = at("2026-11-25 09:00", REUNION)
    night = Period(at("2026-11-24 20:00", REUNION), at("2026-11-25 08:00", REUNION))
    assert island.crossed(evening, morning, morning) == night


@pytest.mark.parametrize(
    ("rules", "received", "seen", "starts"),
    [
        # 14 July 2026 is a Tuesday: its Monday counts where the place says so.
        ({"monday_before_holiday": True}, "2026-07-13 10:00", "2026-07-15 09:00", "2026-07-11 12:00"),
        ({}, "2026-07-13 10:00", "2026-07-15 09:00", "2026-07-13 20:00"),
        # 14 May 2026 (Ascension) is a Thursday.
        ({"friday_and_saturday_after_holiday": True}, "2026-05-15 10:00", "2026-05-18 09:00", "2026-05-13 20:00"),
        ({}, "2026-05-15 10:00", "2026-05-18 09:00", "2026-05-15 20:00"),
    ],
)
def test_days_that_the_law_leaves_to_each_place(rules: dict[str, bool], received: str, seen: str, starts: str) -> None:
    place = Calendar(OutOfHoursRules(**rules), PARIS, holidays(REDON))  # type: ignore[arg-type]
    period = place.crossed(at(received), at(seen), at(seen))
    assert period is not None
    assert period.starts == at(starts)


DUTIES = [
    # from, until, kind and opening hours of who answers
    ("2026-11-24 20:00", "2026-11-25 08:00", [("duty_doctor", "24 20:00", "25 00:00")]),
    ("2026-11-25 01:00", "2026-11-25 08:00", []),
    ("2026-11-28 13:00", "2026-11-29 10:00", [("mmg", "28 14:00", "29 00:00"), ("mmg", "29 08:00", "30 00:00")]),
    ("2026-11-29 09:00", "2026-11-30 08:00", [("mmg", "29 08:00", "30 00:00")]),
    # 1 May: a holiday is no weekday, the maison médicale is open and the doctors of weekdays are not.
    (
        "2026-04-30 20:00",
        "2026-05-02 08:00",
        [("duty_doctor", "30 20:00", "01 00:00"), ("mmg", "01 08:00", "02 00:00")],
    ),
]


@pytest.mark.parametrize(("starts", "ends", "told"), DUTIES)
def test_who_is_on_duty_in_redon(redon: Calendar, starts: str, ends: str, told: list[tuple[str, str, str]]) -> None:
    options = redon.on_duty(Period(at(starts), at(ends)))
    assert [
        (it.kind, f"{it.opens_at.astimezone(PARIS):%d %H:%M}", f"{it.closes_at.astimezone(PARIS):%d %H:%M}")
        for it in options[:-1]
    ] == told
    assert (options[-1].kind, options[-1].call) == ("regulation", "15")


def test_hours_past_midnight() -> None:
    hours = {"days": ["friday"], "opens": "22:00", "closes": "02:00"}
    rules = OutOfHoursRules.model_validate({"on_duty": [{"kind": "mmg", "name": "x", "hours": [hours]}]})
    place = Calendar(rules, PARIS, holidays(REDON))
    after_midnight = Period(at("2026-11-28 01:00"), at("2026-11-28 08:00"))
    assert [it.opens_at for it in place.on_duty(after_midnight)[:-1]] == [at("2026-11-27 22:00")]


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ({"days": ["someday"], "opens": "20:00", "closes": "24:00"}, "days"),
        ({"days": [], "opens": "20:00", "closes": "24:00"}, "days"),
        ({"days": ["monday"], "opens": "25:00", "closes": "24:00"}, "opens"),
        ({"days": ["monday"], "opens": "24:00", "closes": "08:00"}, "opens"),
    ],
)
def test_wrong_hours_name_the_field(hours: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        OutOfHoursRules.model_validate({"on_duty": [{"kind": "mmg", "name": "x", "hours": [hours]}]})
