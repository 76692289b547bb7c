"""Periods in which figures are reported: quarter, half-year, year; campaigns have dates of their own."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from indicators.domain.campaigns import Campaign, Campaigns, midnight

PeriodKind = Literal["quarter", "half_year", "year", "campaign"]

PERIOD_PATTERN = r"^20[0-9]{2}(-(H[12]|Q[1-4]|[a-z][a-z0-9-]{0,63}))?$"
"""`2026`, `2026-H2`, `2026-Q4`, or `2026-vaccination`: the campaign of that name that begins in 2026."""
MOST_LETTERS = 69

_CALENDAR = re.compile(r"20[0-9]{2}(-(H[12]|Q[1-4]))?")
_CAMPAIGN = re.compile(r"(20[0-9]{2})-([a-z][a-z0-9-]{0,63})")
_NOT_ONE = "is not a period such as 2026, 2026-H2 or 2026-Q4"
_MONTHS: dict[str, tuple[PeriodKind, int]] = {"Q": ("quarter", 3), "H": ("half_year", 6)}
_PARTS = ("", "-H1", "-H2", "-Q1", "-Q2", "-Q3", "-Q4")
_LENGTHS: dict[PeriodKind, tuple[str, int]] = {"quarter": ("Q", 3), "half_year": ("H", 6), "year": ("", 12)}


class BadPeriodError(ValueError):
    """The text is no period."""


@dataclass(frozen=True)
class Period:
    """A stretch of the calendar: `start` belongs to it, `end` is the first instant after it.

    `campaign`: of which it is one, where the days of the others are known.
    """

    id: str
    kind: PeriodKind
    start: datetime
    end: datetime
    campaign: Campaign | None = field(default=None, compare=False, repr=False)

    def is_open(self, now: datetime) -> bool:
        """Whether facts may still fall into it: it has not ended."""
        return now < self.end


def parse_period(text: str, zone: tzinfo, campaigns: Campaigns | None = None) -> Period:
    """The period that `text` names, its midnights taken in `zone`. Raises BadPeriodError."""
    if found := _CAMPAIGN.fullmatch(text):
        return _campaign_named(found[2], int(found[1]), zone, campaigns or Campaigns())
    if not _CALENDAR.fullmatch(text):
        raise BadPeriodError(f"{text!r} {_NOT_ONE}")
    year = int(text[:4])
    if len(text) == 4:
        return Period(text, "year", _midnight(year, 1, zone), _midnight(year, 13, zone))
    kind, months = _MONTHS[text[5]]
    first = (int(text[6]) - 1) * months + 1
    return Period(text, kind, _midnight(year, first, zone), _midnight(year, first + months, zone))


def kept_period(name: str, start: datetime, end: datetime, zone: tzinfo) -> Period:
    """A period as it was kept with its instants, whatever became of its campaign since."""
    if not _CAMPAIGN.fullmatch(name):
        return parse_period(name, zone)
    return Period(name, "campaign", start.astimezone(zone), end.astimezone(zone))


def campaign_period(campaign: Campaign, year: int, zone: tzinfo) -> Period | None:
    """The campaign that begins in `year`, its last day included; None when none does."""
    days = campaign.days(year)
    if days is None:
        return None
    name, end = f"{year}-{campaign.name}", midnight(days.ends + timedelta(days=1), zone)
    return Period(name, "campaign", midnight(days.begins, zone), end, campaign)


def quarter_of(instant: datetime, zone: tzinfo) -> Period:
    """The calendar quarter that holds an instant with offset, seen from `zone`."""
    local = instant.astimezone(zone)
    return parse_period(f"{local.year}-Q{(local.month + 2) // 3}", zone)


def before(period: Period) -> Period | None:
    """The period of the same kind that ends where this one starts; of a campaign, the one before, or None."""
    if period.kind == "campaign":
        return _campaign_before(period)
    letter, months = _LENGTHS[period.kind]
    year, month = divmod(period.start.year * 12 + period.start.month - 1 - months, 12)
    name = f"{year}-{letter}{month // months + 1}" if letter else f"{year}"
    return Period(name, period.kind, _midnight(year, month + 1, period.start.tzinfo or UTC), period.start)


def periods_between(first: Period, last: Period, most: int) -> list[Period]:
    """From the first to the last, both included. Raises BadPeriodError for two kinds, the wrong order or too many."""
    if first.kind != last.kind or first.campaign != last.campaign:
        raise BadPeriodError(f"{first.id} and {last.id} are not of one kind")
    if last.start < first.start:
        raise BadPeriodError(f"{last.id} comes before {first.id}")
    found, earlier = [last], before(last)
    while earlier is not None and earlier.start >= first.start:
        if len(found) == most:
            raise BadPeriodError(f"from {first.id} to {last.id} are more than {most} periods")
        found.append(earlier)
        earlier = before(earlier)
    return found[::-1]


def linked(period: Period, others: Sequence[Period], zone: tzinfo) -> list[Period]:
    """The periods whose numbers go together with those of this one: of its years, and of `others` that overlap them.

    Quarters alone say nothing of each other: without a longer period of their year among them, it is the period alone.
    """
    known = {it.id: it for it in (*others, period)}
    years = set(_years(period))
    while True:
        near = [it for it in known.values() if years & set(_years(it))]
        more = {year for it in near for year in _years(it)} - years
        if not more:
            break
        years |= more
    if all(it.kind == "quarter" for it in near):
        return [period]
    calendar = [parse_period(f"{year}{part}", zone) for year in sorted(years) for part in _PARTS]
    return list({it.id: it for it in (*calendar, *near)}.values())


def _years(period: Period) -> range:
    return range(period.start.year, (period.end - timedelta(hours=12)).year + 1)


def _campaign_named(name: str, year: int, zone: tzinfo, campaigns: Campaigns) -> Period:
    campaign = campaigns.find(name)
    if campaign and (found := campaign_period(campaign, year, zone)):
        return found
    known = "; ".join(it.told for it in campaigns.campaigns) or "none"
    raise BadPeriodError(f"'{year}-{name}' {_NOT_ONE}, and no campaign of this territory; known: {known}")


def _campaign_before(period: Period) -> Period | None:
    campaign = period.campaign
    year = campaign.year_before(int(period.id[:4])) if campaign else None
    return campaign_period(campaign, year, period.start.tzinfo or UTC) if campaign and year else None


def _midnight(year: int, month: int, zone: tzinfo) -> datetime:
    """The first instant of a month; month 13 is January of the next year."""
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=zone)
