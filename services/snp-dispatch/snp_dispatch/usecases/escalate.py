"""The escalation ladder: begun when a call comes to wait, one step at a time by durable timers."""

from datetime import datetime
from uuid import UUID

from contracts.snp_dispatch import CallEscalated
from kit.work import Record, Work
from snp_dispatch.domain.escalation import guidance, take
from snp_dispatch.domain.ladder import Ladder, Neighbour, OfferVolunteers, Step
from snp_dispatch.domain.matching import Need
from snp_dispatch.domain.states import waits_now
from snp_dispatch.domain.volunteers import Terms
from snp_dispatch.store import escalation, grants, timers
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import proposals, volunteer_offers
from snp_dispatch.usecases.problems import policy_of

KIND = "escalation"
BATCH = 200


async def begin_ladders(work: Work) -> int:
    """Sets the first timer of calls that have come to wait, whatever brought them there (system role)."""
    begun = await escalation.begin(work, BATCH)
    ladders: dict[str, Ladder] = {}
    for call in begun:
        digest = call["ladder"]
        ladders[digest] = ladders.get(digest) or await escalation.ladder(work, digest)
        await _next(work, call, ladders[digest], call["position"], call["territory"])
    return len(begun)


async def take_step(work: Work, rules: Rules, timer: Record) -> None:
    """Takes the step that is due, unless the call was served meanwhile, and sets the timer of the next one."""
    call = await escalation.lock(work, timer["subject_id"])
    await timers.fired(work, timer["id"])  # first, as one timer of a kind is pending for a call
    if waits_now(call["state"], call["deadline"], work.now) != "waiting":
        await escalation.pause(work, call["id"])
        return
    ladder, position = await escalation.ladder(work, call["ladder"]), timer["payload"]["position"]
    step = ladder.steps[position]
    policy = policy_of(rules, work.territory, work.now)
    need = proposals.need_of(policy, call, call["need"], call["patient"], work.now)
    found = await _found(work, rules, call, step, need)
    taken = take(step, need, rules.catalogue.mobility[call["patient"]["mobility"]].modes, found=found)
    version = await escalation.add_step(
        work, call["id"], position, kind=step.kind, outcome=taken.outcome, detail=taken.detail
    )
    payload = CallEscalated(
        call_id=call["id"],
        position=position,
        step=step.kind,
        outcome=taken.outcome,
        reason=taken.detail.get("reason"),
        redirect_to=guidance(step),
        grants=taken.detail.get("grants", ()),
        ladder_version=ladder.version,
        next_at=await _next(work, call, ladder, position + 1, work.territory),
        deadline=call["deadline"],
    )
    work.emit(payload, version=version)


async def _found(work: Work, rules: Rules, call: Record, step: Step, need: Need) -> list[UUID]:
    """What is there for a step that needs somebody else: grants of neighbours, or volunteers who were asked."""
    if isinstance(step, Neighbour):
        return await grants.open_from(work, step.territories, need.profession, sorted(need.audiences))
    if isinstance(step, OfferVolunteers):
        terms = Terms(step.mode, step.minutes, step.radius_km)
        return await volunteer_offers.make_offers(work, rules, call, need, terms)
    return []


async def _next(work: Work, call: Record, ladder: Ladder, position: int, territory: str) -> datetime | None:
    due = ladder.due(position, work.now, call["deadline"])
    if due is not None:
        await timers.set_timer(work, KIND, call["id"], due, payload={"position": position}, territory=territory)
    return due
