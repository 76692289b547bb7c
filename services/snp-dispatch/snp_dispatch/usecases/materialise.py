"""Making the slots of weekly availabilities, up to the policy's horizon. A job of the worker."""

from datetime import date

from kit.work import Record, Work
from snp_dispatch.domain.recurrence import DAY, WeeklyHours, expand, local_date
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
    today, done = local_date(work.now), 0
    for territory in rules.policies:
        horizon = policy_of(rules, territory, work.now).availability_horizon_days
        for row in await availabilities.due(work, territory, today, horizon, BATCH - done):
            await _materialise_one(work, row, today, today + DAY * horizon)
            done += 1
        if done == BATCH:
            break
    if done:
        await availabilities.refresh_statistics(work)
    return done


async def _materialise_one(work: Work, row: Record, today: date, last: date) -> None:
    # A night that began yesterday may still have hours to come.
    first = row["materialised_until"] + DAY if row["materialised_until"] else today - DAY
    periods = [it for it in expand(_hours(row), first, last) if it.starts_at > work.now]
    for slot in await availabilities.materialise(work, row["id"], periods):
        tell.slot_published(work, {**row, **slot}, row["territory"])
    await availabilities.materialised(work, row["id"], last)


def _hours(row: Record) -> WeeklyHours:
    return WeeklyHours(
        weekdays=frozenset(row["weekdays"]),
        starts=row["starts"],
        ends=row["ends"],
        slot_minutes=row["slot_minutes"],
        every_minutes=row["every_minutes"],
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
    )
