"""Routes that say why: of a call, the slots that were not proposed; of a practitioner, what they carry already."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from kit.http import WorkDep, service_router
from kit.problems import problem_responses
from snp_dispatch.api.params import CallReader, Number, RulesDep, SlotReader
from snp_dispatch.api.schemas import EffectorOut, PlaceOut
from snp_dispatch.api.schemas_calls import ProposalOut
from snp_dispatch.domain.explanation import NotChosen
from snp_dispatch.store.rules import Rules
from snp_dispatch.usecases import proposals
from snp_dispatch.usecases.explain_call import explain_call
from snp_dispatch.usecases.read_fairness import read_fairness

router = service_router(tags=["explanations"])


class NotChosenOut(BaseModel):
    """A slot that was not proposed. `reason`: a misfit code, `taken`, `held`, `published_later` or `costlier`."""

    slot_id: UUID
    practitioner: EffectorOut
    place: PlaceOut
    starts_at: datetime
    mode: str
    distance_km: float | None
    reason: str
    has: Any = Field(description="What the slot has, where a constraint is broken")
    asked: Any = Field(description="What was asked")
    cost: float
    cost_parts: dict[str, float]


class ExplanationOut(BaseModel):
    """Why these slots and not others."""

    call_id: UUID
    as_of: datetime = Field(description="Seats, loads and what is known of practitioners are those of this instant")
    policy_version: str
    earliest: datetime
    until: datetime
    outer_km: float
    considered: int = Field(description="Slots looked at: every profession, within the outer radius or by video")
    at_least: bool = Field(description="There are more; the soonest were looked at")
    chosen: list[ProposalOut] = Field(description="As they were proposed at receipt, best first")
    booked_slot_id: UUID | None
    counts: dict[str, int] = Field(description="Slots that were not chosen, by the first reason")
    not_chosen: list[NotChosenOut] = Field(max_length=20, description="The nearest to being chosen first")


@router.get(
    "/calls/{call_id}/explanation",
    operation_id="explainCall",
    summary="Why these slots were proposed, and why not the others",
    responses=problem_responses(404, 409),
)
async def get_explanation(*, caller: CallReader, work: WorkDep, rules: RulesDep, call_id: UUID) -> ExplanationOut:
    """Slots of the territory within the call's deadline and the policy's outer radius, by the rule that proposes.

    403 `not_your_call`; 409 `no_policy`. Nothing is considered for a call that was refused or redirected.
    """
    found = await explain_call(work, rules, caller, call_id)
    return ExplanationOut(
        call_id=call_id,
        as_of=work.now,
        policy_version=found.policy.version,
        earliest=found.call["earliest"],
        until=found.until,
        outer_km=found.policy.reach.outer_km,
        considered=found.considered,
        at_least=found.at_least,
        chosen=found.call["proposals"],
        booked_slot_id=found.booking["slot_id"] if found.booking else None,
        counts=found.others.counts,
        not_chosen=[_not_chosen(rules, it) for it in found.others.details],
    )


def _not_chosen(rules: Rules, it: NotChosen) -> NotChosenOut:
    slot = it.ranked.slot
    return NotChosenOut(
        slot_id=slot.slot_id,
        practitioner=EffectorOut(
            **proposals.practitioner(slot.effector, slot.effector_name, is_person=slot.is_person)  # type: ignore[arg-type]
        ),
        place=PlaceOut(**proposals.place(rules, slot.commune)),
        starts_at=slot.starts_at,
        mode=slot.mode,
        distance_km=slot.distance_km,
        reason=it.reason,
        has=it.has,
        asked=it.asked,
        cost=it.ranked.cost,
        cost_parts=it.ranked.cost_parts,
    )


class FairnessOut(BaseModel):
    """What a practitioner carries already, and what that weighs when slots are put in order.

    `load` is the sum over the visits of 0.5 ** (age / half-life); `share` = min(1, load / full_load) of the most that
    it can cost (`most_points`, as many points as so many hours of waiting at one point an hour). It never hides a slot.
    """

    effector: str
    as_of: datetime
    load: float
    full_load: float
    half_life_days: float
    share: float = Field(ge=0, le=1)
    points: float
    most_points: float
    since: datetime = Field(description="Older visits count no more")
    offers: int = Field(description="Visits that were given to them since")
    acceptances: int = Field(description="Of these, those that they did not cancel themselves")
    median_load: float = Field(description="Of those on the territory who have any visit since")


@router.get(
    "/effectors/{number}/fairness",
    operation_id="getFairness",
    summary="What a practitioner carries already",
    responses=problem_responses(404, 409),
)
async def get_fairness(*, caller: SlotReader, work: WorkDep, rules: RulesDep, number: Number) -> FairnessOut:
    """Practitioners read their own, those who publish for anyone (the coordinator) anybody's.

    403 `not_your_load`; 404 `effector_unknown`; 409 `no_policy`.
    """
    return FairnessOut(**vars(await read_fairness(work, rules, caller, number)))
