"""Campaigns of a territory: their days, their names as periods, what cannot be said of them."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from indicators.domain.campaigns import Campaign, Campaigns
from indicators.domain.catalogue import Indicator
from indicators.domain.periods import BadPeriodError, Period, before, kept_period, parse_period, periods_between
from indicators.domain.territory_indicators import BadStatementError, TerritoryIndicators, own_catalogue

PARIS = ZoneInfo("Europe/Paris")


def campaign(**values: Any) -> Campaign:
    told = {"name": "flu", "label_fr": "Grippe", "begins": "10-15", "ends": "02-28"}
    return Campaign.model_validate(told | values)


def once(**dates: tuple[str, str]) -> Campaign:
    days = {int(year[1:]): {"begins": it[0], "ends": it[1]} for year, it in dates.items()}
    return campaign(name="covid", begins=None, ends=None, dates=days)


COVID = once(y2021=("2021-01-18", "2021-09-30"), y2023=("2023-10-02", "2024-01-31"))
KNOWN = Campaigns(campaigns=(campaign(dates={2025: {"begins": "2025-10-14", "ends": "2026-01-31"}}), COVID))


def named(text: str) -> Period:
    return parse_period(text, PARIS, KNOWN)


def test_its_usual_days_and_those_of_a_year_that_had_others() -> None:
    usual, other = named("2026-flu"), named("2025-flu")
    assert (usual.kind, usual.start, usual.end) == (
        "campaign",
        datetime(2026, 10, 15, tzinfo=PARIS),
        datetime(2027, 3, 1, tzinfo=PARIS),
    )
    assert (other.start, other.end) == (datetime(2025, 10, 14, tzinfo=PARIS), datetime(2026, 2, 1, tzinfo=PARIS))
    assert (other.start.utcoffset(), other.end.utcoffset()) != (other.end.utcoffset(), other.start.utcoffset())


def test_the_one_before() -> None:
    assert [before(named(it)) for it in ("2026-flu", "2023-covid", "2021-covid")] == [
        named("2025-flu"),
        named("2021-covid"),
        None,
    ]


def test_a_row_of_them() -> None:
    assert periods_between(named("2023-flu"), named("2025-flu"), 3) == [
        named(f"{year}-flu") for year in (2023, 2024, 2025)
    ]
    assert periods_between(named("2021-covid"), named("2023-covid"), 3) == [named("2021-covid"), named("2023-covid")]
    with pytest.raises(BadPeriodError, match="not of one kind"):
        periods_between(named("2021-covid"), named("2023-flu"), 3)


@pytest.mark.parametrize("text", ["2022-covid", "2026-measles"])
def test_one_that_is_not_known_is_refused_with_those_that_are(text: str) -> None:
    with pytest.raises(BadPeriodError, match=f"'{text}' is .*no campaign.* known: <year>-flu; 2021-covid, 2023-covid"):
        named(text)
    with pytest.raises(BadPeriodError, match="known: none"):
        parse_period(text, PARIS)


def test_a_period_that_was_kept_needs_no_campaign_any_more() -> None:
    start, end = datetime(2026, 10, 14, 22, tzinfo=UTC), datetime(2027, 2, 28, 23, tzinfo=UTC)
    assert kept_period("2026-gone", start, end, PARIS) == Period("2026-gone", "campaign", start, end)
    assert kept_period("2026-Q4", start, end, PARIS) == named("2026-Q4")


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (datetime(2027, 2, 28, 22, 59, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=PARIS)),
        (datetime(2027, 2, 28, 23, 0, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=PARIS)),
        (datetime(2023, 12, 1, tzinfo=UTC), datetime(2023, 3, 1, tzinfo=PARIS)),
        (datetime(2024, 2, 15, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=PARIS)),
    ],
)
def test_when_the_last_was_over(now: datetime, end: datetime) -> None:
    assert KNOWN.newest_end(now, PARIS) == end


def test_without_campaigns_none_was_over() -> None:
    assert Campaigns().newest_end(datetime(2026, 1, 1, tzinfo=UTC), PARIS) is None
    assert once(y2027=("2027-01-01", "2027-02-01")).year_over(date(2026, 1, 1)) is None


BAD: list[tuple[dict[str, Any], str]] = [
    ({"begins": None}, "both"),
    ({"begins": None, "ends": None}, "usual days"),
    ({"begins": "02-29"}, "begins"),
    ({"name": "Flu"}, "name"),
    ({"dates": {2025: {"begins": "2024-10-15", "ends": "2025-02-01"}}}, "another year"),
    ({"dates": {2025: {"begins": "2025-10-15", "ends": "2025-10-14"}}}, "before it begins"),
    ({"dates": {2025: {"begins": "2025-02-01", "ends": "2025-03-01"}}}, "overlaps"),
    ({"dates": {2025: {"begins": "2025-10-15", "ends": "2026-10-15"}}}, "overlaps"),
    ({"dates": {1875: {"begins": "1875-10-15", "ends": "1875-10-16"}}}, "dates"),
]


@pytest.mark.parametrize(("values", "said"), BAD)
def test_what_cannot_be_said(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        campaign(**values)


def test_two_have_two_names() -> None:
    with pytest.raises(ValidationError, match="named twice: flu"):
        Campaigns(campaigns=(campaign(), campaign()))


def test_a_figure_by_campaign_names_its_campaign(catalogue: Any) -> None:
    by_campaign = [it for it in catalogue.indicators if "campaign" in it.periods]
    assert {it.id: it.campaign for it in by_campaign} == dict.fromkeys(("I-58", "I-59", "I-60"), "vaccination")
    for values in ({"campaign": None}, {"periods": ["annual"]}):
        with pytest.raises(ValidationError, match="name the campaign"):
            Indicator.model_validate(by_campaign[0].model_dump() | values)


@pytest.mark.parametrize(
    ("said", "campaign"),
    [
        ({"campaign": "covid"}, "covid"),
        ({"periods": ["annual"]}, None),
        ({"periods": ["annual", "campaign"]}, "vaccination"),
    ],
)
def test_a_territory_may_say_another(catalogue: Any, said: dict[str, Any], campaign: str | None) -> None:
    own = TerritoryIndicators.model_validate({"version": 1, "indicators": {"I-58": said}})
    found = own_catalogue(catalogue, own).find("I-58")
    assert found is not None
    assert found.campaign == campaign


def test_a_territory_may_not_name_the_campaign_of_a_figure_that_has_none(catalogue: Any) -> None:
    for said in ({"campaign": "flu"}, {"periods": ["campaign"]}):
        own = TerritoryIndicators.model_validate({"version": 1, "indicators": {"I-14": said}})
        with pytest.raises(BadStatementError, match=r"indicators\.I-14\.campaign"):
            own_catalogue(catalogue, own)
