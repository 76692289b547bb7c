"""Why these slots were proposed to a call, and why not the others."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kit.auth import Caller
from kit.work import Record, Work
from snp_dispatch.domain.explanation import Considered, Explanation, explain_others
from snp_dispatch.domain.matching import Need
from snp_dispatch.domain.policy import Policy
from snp_dispatch.store import survey
from snp_dispatch.store.rows import Row
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import proposals
from snp_dispatch.usecases.problems import policy_of
from snp_dispatch.usecases.read_calls import read_call

CONSIDERED = 1_000
"""Slots that an explanation looks at, the soonest; with more it says `at_least`."""


@dataclass(frozen=True)
class Explained:
    """A call with what was chosen for it, and the slots that were not."""

    call: Row
    booking: Record | None
    policy: Policy
    considered: int
    at_least: bool
    others: Explanation
    until: datetime


async def explain_call(work: Work, rules: Rules, caller: Caller, call_id: UUID) -> Explained:
    """The slots of the territory from the earliest start to the deadline within the outer radius, by the same rule.

    Costs and policy are those of the instant of receipt; seats, loads and what the directory tells are those of now. A
    call that was refused or redirected looked for nothing: nothing is considered. Raises Problem 403, 404.
    """
    call, booking = await read_call(work, caller, call_id)
    policy = policy_of(rules, work.territory, call["received_at"])
    need = proposals.need_of(policy, call, call["need"], call["patient"], call["received_at"])
    found = await _around(work, rules, policy, need) if call["outcome"] == "accepted" else []
    chosen = {UUID(it["slot_id"]) for it in call["proposals"]} | ({booking["slot_id"]} if booking else set())
    others = [it for it in found[:CONSIDERED] if it.slot.slot_id not in chosen]
    explained = explain_others(need, policy.weights, others, call["received_at"], policy.reach.outer_km)
    return Explained(
        call=call,
        booking=booking,
        policy=policy,
        considered=min(len(found), CONSIDERED),
        at_least=len(found) > CONSIDERED,
        others=explained,
        until=need.deadline,
    )


async def _around(work: Work, rules: Rules, policy: Policy, need: Need) -> list[Considered]:
    near = [(it.commune.code, it.km) for it in rules.gazetteer.around(need.commune, policy.reach.outer_km)]
    rows = await survey.survey(work, need.earliest, need.deadline, near, limit=CONSIDERED + 1)
    carried = await proposals.loads(work, policy, [it.slot for it in rows])
    distances = rules.distances(work.territory)
    return [
        Considered(
            replace(
                it.slot,
                load=carried.get(it.slot.effector, 0.0),
                travel=distances.between(need.commune, it.slot.commune),
            ),
            it.seats,
            it.published_at,
        )
        for it in rows
    ]
