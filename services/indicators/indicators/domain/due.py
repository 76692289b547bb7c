"""When an export falls due, and of which period it then tells.

A cron line is read in the time of its territory. A wall-clock time that a change of clocks skips is made up for at the
first instant after it; one that comes twice falls due once (what Debian's cron does, by `cronsim`).
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim

from indicators.domain.exports import Campaign, ExportRules, Schedule, What
from indicators.domain.periods import Period, PeriodKind, before, parse_period, quarter_of

KIND: dict[What, PeriodKind] = {
    "quarterly_dashboard": "quarter",
    "half_yearly_report": "half_year",
    "annual_report": "year",
    "campaign_report": "campaign",
}
_CAMPAIGN = re.compile(r"(20[0-9]{2})-([a-z0-9][a-z0-9-]{0,63})")
MOST_AT_ONCE = 400
"""Due instants that are planned in one step: more than a year of a daily export."""


def due_instants(schedule: Schedule, zone: ZoneInfo, after: datetime | None, now: datetime) -> list[datetime]:
    """Every due instant of the schedule after `after` (None: from its first day on) up to `now`, oldest first."""
    opening = datetime.combine(schedule.starts, time(), zone).astimezone(UTC) - timedelta(seconds=1)
    start = opening if after is None else max(after, opening)
    found = []
    for due in islice(_due(schedule, zone, start), MOST_AT_ONCE):
        if due > now:
            break
        found.append(due)
    return found


def next_due(schedule: Schedule, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The first due instant after `now`."""
    opening = datetime.combine(schedule.starts, time(), zone).astimezone(UTC) - timedelta(seconds=1)
    return next(_due(schedule, zone, max(now, opening)), None)


def period_due(schedule: Schedule, due: datetime, zone: ZoneInfo) -> Period:
    """The newest period of the schedule's kind that was over at its due instant."""
    if schedule.campaign is not None:
        years = range(due.astimezone(zone).year, 0, -1)
        return next(it for year in years if (it := campaign_period(schedule.campaign, year, zone)).end <= due)
    kind = KIND[schedule.what]
    if kind == "year":
        return parse_period(str(due.astimezone(zone).year - 1), zone)
    present = quarter_of(due, zone) if kind == "quarter" else _half(due, zone)
    return period_before(present, ExportRules(version=""), zone)


def period_before(period: Period, rules: ExportRules, zone: ZoneInfo) -> Period:
    """The period of the same kind just before; of a campaign, that of the year before."""
    if earlier := before(period):
        return earlier
    year, _, name = period.id.partition("-")
    return period_named(f"{int(year) - 1}-{name}", rules, zone)


def period_named(text: str, rules: ExportRules, zone: ZoneInfo) -> Period:
    """The period that `text` names: of the calendar, or `2026-<campaign>`. Raises BadPeriodError."""
    found = _CAMPAIGN.fullmatch(text)
    campaign = rules.campaign(found[2]) if found else None
    if found and campaign:
        return campaign_period(campaign, int(found[1]), zone)
    return parse_period(text, zone)


def fits(what: What, period: Period) -> bool:
    """Whether a report of this kind is made of such a period."""
    return period.kind == KIND[what]


def campaign_period(campaign: Campaign, year: int, zone: ZoneInfo) -> Period:
    """The campaign that begins in `year`, its last day included."""
    start = _midnight(campaign.begins, year, zone)
    last = _midnight(campaign.ends, year if campaign.ends >= campaign.begins else year + 1, zone)
    end = datetime.combine(last.date() + timedelta(days=1), time(), zone)
    return Period(f"{year}-{campaign.name}", "campaign", start, end)


def _due(schedule: Schedule, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    return (it.astimezone(UTC) for it in CronSim(schedule.when, after.astimezone(zone)))


def _half(instant: datetime, zone: ZoneInfo) -> Period:
    local = instant.astimezone(zone)
    return parse_period(f"{local.year}-H{1 if local.month <= 6 else 2}", zone)


def _midnight(day: str, year: int, zone: ZoneInfo) -> datetime:
    return datetime(year, int(day[:2]), int(day[3:]), tzinfo=zone)
