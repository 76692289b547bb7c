"""What a practitioner carries already, as the order of proposals counts it."""

from dataclasses import dataclass
from datetime import datetime

from kit.auth import Caller
from kit.problems import Problem
from kit.work import Work
from snp_dispatch.domain.fairness import decayed, load_of, median_load
from snp_dispatch.domain.matching import cents
from snp_dispatch.store import effectors, history
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases.access import PUBLISH_FOR_ANYONE
from snp_dispatch.usecases.problems import policy_of


@dataclass(frozen=True)
class Carried:
    """The load of an effector on a territory, and how it counts."""

    effector: str
    as_of: datetime
    load: float
    full_load: float
    half_life_days: float
    share: float
    points: float
    most_points: float
    since: datetime
    offers: int
    acceptances: int
    median_load: float


async def read_fairness(work: Work, rules: Rules, caller: Caller, number: str) -> Carried:
    """Raises Problem 403 `not_your_load` unless it is the caller's own or the caller publishes for anyone; 404, 409."""
    if caller.rpps != number and PUBLISH_FOR_ANYONE not in caller.scopes:
        raise Problem(403, "not_your_load", "You may read what you carry yourself only")
    if await effectors.find(work, number) is None:
        raise Problem(404, "effector_unknown", "The directory has not told of this professional or structure")
    policy = policy_of(rules, work.territory, work.now)
    fairness, most = policy.fairness, policy.weights.fairness
    since = work.now - fairness.window
    everyone = await history.territory_visits(work, since)
    mine = everyone.get(number, ())
    offers, acceptances = await history.given(work, number, since)
    share = load_of(fairness, mine, work.now)
    return Carried(
        effector=number,
        as_of=work.now,
        load=round(decayed(fairness, mine, work.now), 2),
        full_load=fairness.full_load,
        half_life_days=fairness.half_life_days,
        share=share,
        points=cents(most * share),
        most_points=most,
        since=since,
        offers=offers,
        acceptances=acceptances,
        median_load=median_load(fairness, everyone.values(), work.now),
    )
