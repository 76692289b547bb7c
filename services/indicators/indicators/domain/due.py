"""When an export falls due, and of which period it then tells.

A cron line is read in the time of its territory. A wall-clock time that a change of clocks skips is made up for at the
first instant after it; one that comes twice falls due once (what Debian's cron does, by `cronsim`).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim

from indicators.domain.campaigns import Campaign
from indicators.domain.catalogue import Catalogue
from indicators.domain.exports import Schedule, What
from indicators.domain.periods import Period, PeriodKind, before, campaign_period, parse_period, quarter_of

KIND: dict[What, PeriodKind] = {
    "quarterly_dashboard": "quarter",
    "half_yearly_report": "half_year",
    "annual_report": "year",
    "campaign_report": "campaign",
}
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


def period_due(schedule: Schedule, due: datetime, calendar: Catalogue) -> Period | None:
    """The newest period of the schedule's kind that was over at its due instant; None: no such campaign was."""
    zone = calendar.zone
    if schedule.campaign is not None:
        return _campaign_over(calendar.campaigns.find(schedule.campaign), due, zone)
    kind = KIND[schedule.what]
    if kind == "year":
        return parse_period(str(due.astimezone(zone).year - 1), zone)
    return before(quarter_of(due, zone) if kind == "quarter" else _half(due, zone))


def fits(what: What, period: Period) -> bool:
    """Whether a report of this kind is made of such a period."""
    return period.kind == KIND[what]


def _campaign_over(campaign: Campaign | None, due: datetime, zone: ZoneInfo) -> Period | None:
    year = campaign.year_over(due.astimezone(zone).date()) if campaign else None
    return campaign_period(campaign, year, zone) if campaign and year else None


def _due(schedule: Schedule, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    return (it.astimezone(UTC) for it in CronSim(schedule.when, after.astimezone(zone)))


def _half(instant: datetime, zone: ZoneInfo) -> Period:
    local = instant.astimezone(zone)
    return parse_period(f"{local.year}-H{1 if local.month <= 6 else 2}", zone)
