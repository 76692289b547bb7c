"""What a desk shows: the state of unscheduled care in a territory, now and today."""

from datetime import timedelta

from kit.auth import Caller
from kit.work import Record, Work
from snp_dispatch.store import desk
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import access
from snp_dispatch.usecases.problems import policy_of

NEXT = timedelta(hours=48)
"""How far ahead free slots are counted: the promise of unscheduled care (L.1434-12, ACI: within 48 h)."""


async def read_desk(work: Work, rules: Rules, caller: Caller) -> Record:
    """The counters. Raises Problem 403 `not_your_desk` to a practitioner, 409 `no_policy`."""
    access.whole_territory(caller)
    needs = policy_of(rules, work.territory, work.now).needs
    day = rules.day(work.territory, work.now)
    return await desk.counters(work, day, work.now + NEXT, sorted({it.profession for it in needs}))
