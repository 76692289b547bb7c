"""When exports fall due, across changes of clocks, and which period they tell of."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from indicators.domain.campaigns import Campaign, Campaigns
from indicators.domain.catalogue import Catalogue
from indicators.domain.due import due_instants, fits, next_due, period_due
from indicators.domain.exports import ExportRules, Schedule
from indicators.domain.periods import before, parse_period
from kit.territories import load_yaml

PARIS = ZoneInfo("Europe/Paris")


def schedule(when: str = "0 7 10 1,4,7,10 *", what: str = "quarterly_dashboard", **values: Any) -> Schedule:
    told = {"id": "s", "recipient": "CPAM", "what": what, "when": when, "starts": date(2026, 1, 1)}
    return Schedule.model_validate(told | {"formats": ["csv"], "destination": {"kind": "download"}} | values)


FLU = Campaign(name="grippe", label_fr="Campagne antigrippale", begins="10-15", ends="02-28")
ONCE = Campaign.model_validate(
    {"name": "covid", "label_fr": "Covid", "dates": {2021: {"begins": "2021-01-18", "ends": "2021-09-30"}}}
)
CALENDAR = Catalogue(version=1, timezone="Europe/Paris", indicators=(), campaigns=Campaigns(campaigns=(FLU, ONCE)))
VACCINATION = schedule("0 7 15 3 *", "campaign_report", campaign="grippe")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_a_year_of_quarters_falls_due_at_seven_in_paris_summer_and_winter() -> None:
    found = due_instants(schedule(), PARIS, None, utc(2026, 12, 31))
    assert found == [utc(2026, 1, 10, 6), utc(2026, 4, 10, 5), utc(2026, 7, 10, 5), utc(2026, 10, 10, 5)]
    assert due_instants(schedule(), PARIS, found[1], utc(2026, 12, 31)) == found[2:]
    assert due_instants(schedule(), PARIS, found[-1], utc(2026, 12, 31)) == []
    assert next_due(schedule(), PARIS, found[-1]) == utc(2027, 1, 10, 6)


def test_at_its_instant_it_is_due_and_a_moment_before_it_is_not() -> None:
    assert due_instants(schedule(), PARIS, None, utc(2026, 1, 10, 5, 59, 59)) == []
    assert due_instants(schedule(), PARIS, None, utc(2026, 1, 10, 6)) == [utc(2026, 1, 10, 6)]


def test_an_hour_that_does_not_exist_is_made_up_for_once() -> None:
    """29 March 2026: 02:00 becomes 03:00."""
    found = due_instants(schedule("30 2 * * *"), PARIS, utc(2026, 3, 28, 0), utc(2026, 3, 30, 12))
    assert found == [utc(2026, 3, 28, 1, 30), utc(2026, 3, 29, 1, 0), utc(2026, 3, 30, 0, 30)]


def test_an_hour_that_comes_twice_falls_due_once() -> None:
    """25 October 2026: 03:00 becomes 02:00."""
    found = due_instants(schedule("30 2 * * *"), PARIS, utc(2026, 10, 24, 12), utc(2026, 10, 26, 12))
    assert found == [utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)]


def test_nothing_is_owed_for_before_the_first_day() -> None:
    late = schedule("0 0 * * *", starts=date(2026, 6, 1))
    assert due_instants(late, PARIS, None, utc(2026, 6, 2, 0)) == [utc(2026, 5, 31, 22), utc(2026, 6, 1, 22)]
    assert due_instants(late, PARIS, utc(2020, 1, 1), utc(2026, 6, 1, 0)) == [utc(2026, 5, 31, 22)]


@pytest.mark.parametrize(
    ("what", "due", "period"),
    [
        ("quarterly_dashboard", utc(2026, 1, 10, 6), "2025-Q4"),
        ("quarterly_dashboard", utc(2026, 7, 10, 6), "2026-Q2"),
        ("quarterly_dashboard", utc(2026, 6, 30, 22), "2026-Q2"),
        ("quarterly_dashboard", utc(2026, 6, 30, 21, 59), "2026-Q1"),
        ("half_yearly_report", utc(2026, 1, 20, 6), "2025-H2"),
        ("half_yearly_report", utc(2026, 9, 1, 6), "2026-H1"),
        ("annual_report", utc(2026, 1, 31, 6), "2025"),
        ("annual_report", utc(2025, 12, 31, 23), "2025"),
    ],
)
def test_the_newest_period_that_is_over(what: str, due: datetime, period: str) -> None:
    assert period_due(schedule(what=what), due, CALENDAR) == parse_period(period, PARIS)


def test_a_campaign_over_the_turn_of_the_year() -> None:
    found = period_due(VACCINATION, utc(2027, 3, 15, 6), CALENDAR)
    assert found is not None
    assert (found.id, found.kind) == ("2026-grippe", "campaign")
    assert (found.start, found.end) == (datetime(2026, 10, 15, tzinfo=PARIS), datetime(2027, 3, 1, tzinfo=PARIS))
    assert period_due(VACCINATION, utc(2027, 2, 28, 12), CALENDAR) == before(found) == CALENDAR.period("2025-grippe")
    assert fits("campaign_report", found)


def test_a_campaign_that_was_there_once_is_owed_when_it_is_over() -> None:
    once = schedule("0 7 1 * *", "campaign_report", campaign="covid")
    assert period_due(once, utc(2021, 9, 30, 12), CALENDAR) is None
    assert period_due(once, utc(2021, 9, 30, 22), CALENDAR) == CALENDAR.period("2021-covid")
    assert period_due(once, utc(2026, 1, 1), CALENDAR) == CALENDAR.period("2021-covid")


BAD: list[tuple[dict[str, Any], str]] = [
    ({"when": "* * * * *"}, "when"),
    ({"when": "0 7 31 2 *"}, "when"),
    ({"when": "0 25 1 1 *"}, "when"),
    ({"formats": []}, "formats"),
    ({"formats": ["csv", "csv"]}, "twice"),
    ({"formats": ["doc"]}, "formats"),
    ({"destination": {"kind": "fax"}}, "destination"),
    ({"destination": {"kind": "folder", "path": "../up"}}, "path"),
    ({"destination": {"kind": "folder", "path": "/etc"}}, "path"),
    ({"destination": {"kind": "webhook", "url_env": "https://x", "secret_env": "S"}}, "url_env"),
    ({"destination": {"kind": "email", "to_env": "somebody@example.org"}}, "to_env"),
    ({"what": "campaign_report"}, "campaign"),
    ({"campaign": "grippe"}, "campaign"),
    ({"recipient": ""}, "recipient"),
]


@pytest.mark.parametrize(("values", "named"), BAD)
def test_a_bad_schedule_is_refused_by_its_field(values: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError) as refused:
        schedule(**{"when": "0 7 1 1 *", **values})
    assert named in str(refused.value)


def test_two_schedules_have_two_names() -> None:
    with pytest.raises(ValidationError, match="named twice"):
        ExportRules(version="1", schedules=(schedule(), schedule()))


def test_recipients_are_outside_unless_their_schedule_says_else(deploy_dir: Path) -> None:
    rules = load_yaml(deploy_dir / "territories" / "pays-de-redon" / "exports.yaml", ExportRules)
    assert [it.id for it in rules.schedules if it.inside] == ["office-quarterly-dashboard"]
    assert not schedule().inside


def test_a_zone_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="unknown time zone 'Mars/Base'"):
        ExportRules(version="1", timezone="Mars/Base")
