"""Making the slots of recurring availabilities, up to the policy's horizon. A job of the worker."""

from collections.abc import Callable, Collection
from datetime import date, datetime
from uuid import UUID

from kit.work import Record, Work
from snp_dispatch.domain.recurrence import DAY, Hours, Period, expand
from snp_dispatch.store import availabilities
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import tell
from snp_dispatch.usecases.problems import policy_of

BATCH = 5
"""Availabilities a transaction: some thousand slots and as many events at most in ordinary use."""


async def materialise(work: Work, rules: Rules) -> int:
    """Makes slots for a batch of availabilities that lack some; answers how many were worked on.

    Idempotent: an availability remembers up to which day its slots are made, an occurrence exists once,
    and a slot in the way of an occurrence wins.
    """
    horizons = {slug: _horizon(rules, slug, work.now) for slug in rules.policies}
    due = await availabilities.due(work, horizons, BATCH)
    for row in due:
        await _materialise_one(work, rules, row, horizons[row["territory"]])
    if due:
        await availabilities.refresh_statistics(work)
    return len(due)


def _horizon(rules: Rules, territory: str, now: datetime) -> date:
    """The last day whose slots are made: counted from the day on the territory, not from the one in UTC."""
    return rules.today(territory, now) + DAY * policy_of(rules, territory, now).availability_horizon_days


async def _materialise_one(work: Work, rules: Rules, row: Record, last: date) -> None:
    commune = row["commune"]
    # A night that began yesterday, by the clock of the place, may still have hours to come.
    first = row["materialised_until"] + DAY if row["materialised_until"] else rules.zones.today(work.now, commune) - DAY
    found = expand(_hours(rules, row), first, last, _holiday(rules, row))
    periods = [it for it in found if it.starts_at > work.now]
    for slot in await availabilities.materialise(work, row["id"], periods):
        tell.slot_published(work, {**row, **slot}, row["territory"])
    await availabilities.materialised(work, row["id"], last)


async def make_again(work: Work, rules: Rules, effector_id: str, over: Collection[Period]) -> list[UUID]:
    """Makes the slots that recurring hours had left out because of busy time that is `over`. Answers their ids."""
    made = []
    for row in await availabilities.made_of(work, effector_id):
        first, holiday = rules.zones.today(work.now, row["commune"]) - DAY, _holiday(rules, row)
        found = expand(_hours(rules, row), first, row["materialised_until"], holiday)
        periods = [it for it in found if it.starts_at > work.now and any(it.overlaps(one) for one in over)]
        for slot in await availabilities.materialise(work, row["id"], periods):
            tell.slot_published(work, {**row, **slot}, row["territory"])
            made.append(slot["id"])
    return made


def _holiday(rules: Rules, row: Record) -> Callable[[date], bool] | None:
    if not row["skip_holidays"]:
        return None
    calendar, commune = rules.calendars[row["territory"]], row["commune"]
    return lambda day: calendar.is_holiday(day, commune)


def _hours(rules: Rules, row: Record) -> Hours:
    return Hours(
        zone=rules.zones.of(row["commune"]),
        weekdays=frozenset(row["weekdays"]),
        rule=row["rrule"],
        except_dates=frozenset(row["except_dates"]),
        extra_dates=frozenset(row["extra_dates"]),
        starts=row["starts"],
        ends=row["ends"],
        slot_minutes=row["slot_minutes"],
        every_minutes=row["every_minutes"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
    )
