"""Public holidays by commune: a table to check against the law."""

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from snp_dispatch.domain.public_holidays import Holidays

REDON, STRASBOURG, COLMAR, METZ = "35236", "67482", "68066", "57463"
SAINT_DENIS, FORT_DE_FRANCE, CAYENNE, MAMOUDZOU, BASSE_TERRE = "97411", "97209", "97302", "97608", "97105"
AJACCIO = "2A004"
USUAL = Holidays()


@pytest.mark.parametrize(
    ("day", "commune", "holiday"),
    [
        (date(2027, 1, 1), REDON, True),
        (date(2027, 5, 1), REDON, True),
        (date(2027, 5, 1), SAINT_DENIS, True),
        (date(2027, 3, 29), REDON, True),  # Easter Monday
        (date(2027, 3, 28), REDON, False),  # Easter Sunday is a Sunday
        (date(2026, 11, 11), AJACCIO, True),
        (date(2028, 2, 29), REDON, False),
        (date(2026, 12, 26), REDON, False),
        (date(2026, 12, 26), STRASBOURG, True),
        (date(2026, 12, 26), COLMAR, True),
        (date(2026, 12, 26), METZ, True),
        (date(2027, 3, 26), REDON, False),  # Good Friday
        (date(2027, 3, 26), STRASBOURG, True),
        (date(2026, 12, 20), SAINT_DENIS, True),  # abolition of slavery, each island on its own day
        (date(2026, 12, 20), REDON, False),
        (date(2027, 5, 22), FORT_DE_FRANCE, True),
        (date(2027, 5, 27), BASSE_TERRE, True),
        (date(2027, 6, 10), CAYENNE, True),
        (date(2027, 4, 27), MAMOUDZOU, True),
        (date(9999, 12, 31), REDON, False),
        (date(1, 1, 1), REDON, False),
    ],
)
def test_the_days_of_a_commune(day: date, commune: str, holiday: bool) -> None:
    assert USUAL.is_holiday(day, commune) is holiday


def test_eleven_days_a_year_and_two_more_in_alsace_moselle() -> None:
    year = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(USUAL.is_holiday(day, REDON) for day in year) == 11
    assert sum(USUAL.is_holiday(day, METZ) for day in year) == 13


@pytest.mark.parametrize(("switched_on", "holiday"), [(True, True), (False, False)])
def test_good_friday_of_alsace_moselle_is_a_switch(switched_on: bool, holiday: bool) -> None:
    local = Holidays(version="1", good_friday=switched_on)
    assert local.is_holiday(date(2027, 3, 26), STRASBOURG) is holiday
    assert local.is_holiday(date(2026, 12, 26), STRASBOURG)
    assert not local.is_holiday(date(2027, 3, 26), REDON)


def test_a_territory_adds_and_removes_days() -> None:
    local = Holidays(version="1", extra_days={date(2028, 2, 29)}, removed_days={date(2027, 5, 17)})
    assert local.is_holiday(date(2028, 2, 29), REDON)
    assert USUAL.is_holiday(date(2027, 5, 17), REDON)  # Whit Monday, day of solidarity for some
    assert not local.is_holiday(date(2027, 5, 17), REDON)


def test_an_unknown_switch_is_refused() -> None:
    with pytest.raises(ValidationError, match="good_thursday"):
        Holidays.model_validate({"version": "1", "good_thursday": True})
