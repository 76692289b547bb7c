"""Routes of slots (*créneaux*)."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import field_problem, problem_responses
from snp_dispatch.api.answers import slot_out
from snp_dispatch.api.params import INSTANT_AND_ID, PeriodDep, RppsQuery, RulesDep, SlotReader, SlotWriter
from snp_dispatch.api.schemas import EffectorIn, ReasonIn
from snp_dispatch.api.schemas_slots import SlotIn, SlotOut, SlotState
from snp_dispatch.usecases.publish_slot import SlotWanted, publish_slot
from snp_dispatch.usecases.read_slots import list_slots, read_slot
from snp_dispatch.usecases.withdraw_slot import withdraw_slot

router = service_router(tags=["slots"])


def effector_number(effector: EffectorIn) -> str:
    """Raises Problem 422 unless exactly one number is given."""
    if effector.number is None:
        raise field_problem("effector", "effector_unclear", "Give either rpps or finess")
    return effector.number


@router.post(
    "/slots",
    status_code=201,
    operation_id="publishSlot",
    summary="Publish a slot",
    responses=problem_responses(404, 409),
)
async def post_slot(*, caller: SlotWriter, work: WorkDep, rules: RulesDep, body: SlotIn) -> SlotOut:
    """Opens a period of an effector who takes part in unscheduled care, at any hour of day or night.

    A practitioner publishes for themselves; `slots:write:any` publishes for anyone of the territory.
    Before `embargo_until` it is open to nobody, from the release on to more than its audience.
    409 `not_participating`, or `slot_overlap` with another slot of the effector in whatever territory.
    """
    wanted = SlotWanted(
        effector_id=effector_number(body.effector),
        starts_at=body.starts_at,
        ends_at=body.ends_at,
        commune=body.place.commune,
        mode=body.mode,
        audience=body.audience,
        capacity=body.capacity,
        terms=body.terms(),
        embargo_until=body.embargo_until,
        release=body.release.release() if body.release else None,
        profession=body.profession,
        specialty=body.specialty,
    )
    return slot_out(rules, await publish_slot(work, rules, caller, wanted))


@router.get("/slots", operation_id="listSlots", summary="Slots in order of start", responses=problem_responses(404))
async def get_slots(
    *,
    caller: SlotReader,
    work: WorkDep,
    rules: RulesDep,
    page: PageDep,
    period: PeriodDep,
    rpps: RppsQuery = None,
    state: Annotated[SlotState | None, Query(description="As it stands now")] = None,
    commune: Annotated[str | None, Query(pattern=r"^(\d{2}|2[AB])\d{3}$", examples=["35236"])] = None,
    call_id: Annotated[UUID | None, Query(description="As this call sees them: what it holds is free to it")] = None,
) -> Page[SlotOut]:
    """Slots that start in the period. A hold past its time holds nothing.

    404 `call_not_found`, 403 `not_your_call` when `call_id` names a call that the caller may not read.
    """
    rows = await list_slots(
        work,
        since=period.since,
        until=period.until,
        effector_id=rpps,
        commune=commune,
        state=state,
        after=page.key(INSTANT_AND_ID),
        limit=page.limit + 1,
        caller=caller,
        seen_by=call_id,
    )
    kept, following = page_of(rows, page, key=lambda row: [row["starts_at"].isoformat(), str(row["id"])])
    return Page(items=[slot_out(rules, row) for row in kept], next=following)


@router.get("/slots/{slot_id}", operation_id="getSlot", summary="One slot", responses=problem_responses(404))
async def get_slot(*, caller: SlotReader, work: WorkDep, rules: RulesDep, slot_id: UUID) -> SlotOut:
    """The slot as it stands now."""
    return slot_out(rules, await read_slot(work, slot_id))


@router.post(
    "/slots/{slot_id}/withdraw",
    operation_id="withdrawSlot",
    summary="Take a slot off the offer",
    responses=problem_responses(404, 409),
)
async def post_withdraw(
    *, caller: SlotWriter, work: WorkDep, rules: RulesDep, slot_id: UUID, body: ReasonIn
) -> SlotOut:
    """409 `slot_booked` or `slot_held` while a patient or a caller has it, `slot_withdrawn` the second time."""
    return slot_out(rules, await withdraw_slot(work, caller, slot_id, body.reason))
