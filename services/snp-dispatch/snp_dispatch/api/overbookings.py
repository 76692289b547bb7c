"""Routes of extra seats (*surnuméraires*): a patient more in a full slot, and who gave the seat."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record
from snp_dispatch.api.answers import booking_out, effector_out
from snp_dispatch.api.params import INSTANT_AND_ID, Overbooker, RppsQuery, RulesDep
from snp_dispatch.api.schemas import EffectorOut
from snp_dispatch.api.schemas_calls import BookingOut
from snp_dispatch.domain.request import Stated
from snp_dispatch.usecases.overbook import list_overbookings, overbook

router = service_router(tags=["bookings"])


class OverbookIn(Stated):
    """The call that gets the extra seat, and why. The reason stays in this service."""

    call_id: UUID
    reason: str = Field(min_length=1, max_length=500, examples=["practitioner_agreed"])


class OverbookingOut(BaseModel):
    """An extra seat that was given: by whom, to which call, why, and by which version of the policy."""

    id: UUID
    booking_id: UUID
    call_id: UUID
    slot_id: UUID
    effector: EffectorOut
    made_at: datetime
    client: str = Field(description="Subject of the token")
    role: str | None
    organisation: str | None
    rpps: str | None
    reason: str
    extra: int = Field(description="Extra patients of the slot, this one included")
    policy_version: str


@router.post(
    "/slots/{slot_id}/overbook",
    status_code=201,
    operation_id="overbookSlot",
    summary="Book an extra patient into a full slot (surnuméraire)",
    responses=problem_responses(404, 409),
)
async def post_overbook(
    *, caller: Overbooker, work: WorkDep, rules: RulesDep, slot_id: UUID, body: OverbookIn
) -> BookingOut:
    """A seat beyond those of the slot, up to the policy's `overbooking_per_slot`; who gave it and why is kept.

    The slot must fit the call, as for a hold. A practitioner: their own slots, for calls that they made.
    409 `slot_not_full` while a seat is free, `overbooking_limit` with the `limit`, `slot_not_suitable` with its
    `reason`, `call_not_open`, `call_busy` while the call holds a seat, `quota_reached`, `already_booked`, `no_policy`;
    403 `not_your_agenda`, `not_your_call`.
    """
    return booking_out(rules, await overbook(work, rules, caller, slot_id, call_id=body.call_id, reason=body.reason))


@router.get("/overbookings", operation_id="listOverbookings", summary="Extra seats that were given, the latest first")
async def get_overbookings(
    *, caller: Overbooker, work: WorkDep, page: PageDep, rpps: RppsQuery = None
) -> Page[OverbookingOut]:
    """The audit: rows are added, never changed. A practitioner sees those of their own agenda, else 403."""
    rows = await list_overbookings(work, caller, effector_id=rpps, after=page.key(INSTANT_AND_ID), limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["made_at"].isoformat(), str(row["id"])])
    return Page(items=[overbooking_out(row) for row in kept], next=following)


def overbooking_out(row: Record) -> OverbookingOut:
    return filled(OverbookingOut, row, effector=effector_out(row))
