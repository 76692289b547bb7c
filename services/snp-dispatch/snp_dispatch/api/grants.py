"""Routes of grants: a territory opens slots to a neighbour's calls (*convention entre CPTS voisines*)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from kit.answers import filled
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record
from snp_dispatch.api.answers import booking_out, effector_out, place_out
from snp_dispatch.api.params import INSTANT_AND_ID, CallReader, CallWriter, GrantWriter, PeriodDep, RulesDep, SlotReader
from snp_dispatch.api.schemas import EffectorOut, PlaceOut
from snp_dispatch.api.schemas_calls import BookingOut
from snp_dispatch.domain.catalogue import Audience
from snp_dispatch.domain.request import Code, InseeCode, Stated
from snp_dispatch.usecases.book_granted import book_granted
from snp_dispatch.usecases.grants import (
    GrantWanted,
    give_grant,
    list_granted_bookings,
    list_granted_slots,
    list_grants,
    read_grant,
    revoke_grant,
)

router = service_router(tags=["grants"])

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


class GrantIn(Stated):
    """Which slots of the caller's territory the calls of another may use, and when."""

    to_territory: Slug = Field(examples=["marches-de-bretagne"])
    starts_at: AwareDatetime | None = Field(default=None, description="Now when absent")
    ends_at: AwareDatetime = Field(description="A year after the start at most")
    professions: tuple[Code, ...] = Field(default=(), max_length=50, description="Only these; all when empty")
    audience: tuple[Audience, ...] = Field(
        default=("CPTS", "SNP", "PUBLIC"), min_length=1, max_length=4, description="Only slots open to one of these"
    )


class GrantedBookingIn(Stated):
    call_id: UUID
    slot_id: UUID


class GrantOut(BaseModel):
    """A grant that the caller's territory gave or received."""

    id: UUID
    from_territory: str
    to_territory: str
    starts_at: datetime
    ends_at: datetime
    professions: list[str]
    audience: list[str]
    granted_by: str
    granted_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    active: bool = Field(description="Now")


class GrantedSlotOut(BaseModel):
    """A free slot of a neighbour."""

    id: UUID
    territory: str
    effector: EffectorOut
    profession: str | None
    specialties: list[str]
    starts_at: datetime
    ends_at: datetime
    place: PlaceOut
    mode: str
    audience: list[str]
    free_seats: int


@router.post(
    "/grants",
    status_code=201,
    operation_id="giveGrant",
    summary="Open slots to a neighbour",
    responses=problem_responses(409),
)
async def post_grant(*, caller: GrantWriter, work: WorkDep, rules: RulesDep, body: GrantIn) -> GrantOut:
    """By the coordinator of the territory that opens its slots. 409 `no_policy`."""
    return _out(await give_grant(work, rules, caller, GrantWanted(**body.model_dump())), work.now)


@router.get("/grants", operation_id="listGrants", summary="Grants given and received, the latest first")
async def get_grants(*, caller: SlotReader, work: WorkDep, page: PageDep) -> Page[GrantOut]:
    """The revoked and past ones too."""
    rows = await list_grants(work, after=page.key(INSTANT_AND_ID), limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["granted_at"].isoformat(), str(row["id"])])
    return Page(items=[_out(row, work.now) for row in kept], next=following)


@router.get("/grants/{grant_id}", operation_id="getGrant", summary="One grant", responses=problem_responses(404))
async def get_grant(*, caller: SlotReader, work: WorkDep, grant_id: UUID) -> GrantOut:
    """For the territory that gave it and the one that received it."""
    return _out(await read_grant(work, grant_id), work.now)


@router.post(
    "/grants/{grant_id}/revoke",
    operation_id="revokeGrant",
    summary="Close the slots to the neighbour again",
    responses=problem_responses(404, 409),
)
async def post_revoke(*, caller: GrantWriter, work: WorkDep, grant_id: UUID) -> GrantOut:
    """Nothing more is booked under it; what is booked stays. 403 `not_your_grant`, 409 `grant_revoked`."""
    return _out(await revoke_grant(work, caller, grant_id), work.now)


@router.get(
    "/grants/{grant_id}/slots",
    operation_id="listGrantedSlots",
    summary="Free slots that a grant opens",
    responses=problem_responses(404, 410),
)
async def get_granted_slots(
    *,
    caller: SlotReader,
    work: WorkDep,
    rules: RulesDep,
    page: PageDep,
    period: PeriodDep,
    grant_id: UUID,
    profession: Annotated[Code | None, Query()] = None,
    commune: Annotated[InseeCode | None, Query()] = None,
) -> Page[GrantedSlotOut]:
    """In order of start, from now to the end of the grant at most. 410 `grant_not_active`."""
    rows = await list_granted_slots(
        work,
        grant_id,
        since=period.since,
        until=period.until,
        profession=profession,
        commune=commune,
        after=page.key(INSTANT_AND_ID),
        limit=page.limit + 1,
    )
    kept, following = page_of(rows, page, key=lambda row: [row["starts_at"].isoformat(), str(row["id"])])
    items = [
        filled(GrantedSlotOut, row, effector=effector_out(row), place=place_out(rules, row["commune"])) for row in kept
    ]
    return Page(items=items, next=following)


@router.get(
    "/grants/{grant_id}/bookings",
    operation_id="listGrantedBookings",
    summary="Visits booked under a grant",
    responses=problem_responses(404),
)
async def get_granted_bookings(
    *, caller: CallReader, work: WorkDep, rules: RulesDep, page: PageDep, grant_id: UUID
) -> Page[BookingOut]:
    """For both sides, in order of start; a practitioner sees their own."""
    rows = await list_granted_bookings(work, caller, grant_id, after=page.key(INSTANT_AND_ID), limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["starts_at"].isoformat(), str(row["id"])])
    return Page(items=[booking_out(rules, row) for row in kept], next=following)


@router.post(
    "/grants/{grant_id}/bookings",
    status_code=201,
    operation_id="bookGranted",
    summary="Book a neighbour's slot for a call",
    responses=problem_responses(404, 409, 410),
)
async def post_granted_booking(
    *, caller: CallWriter, work: WorkDep, rules: RulesDep, grant_id: UUID, body: GrantedBookingIn
) -> BookingOut:
    """The slot must fit the call as a proposal does. The booking belongs to the caller's territory.

    403 `not_your_grant`; 410 `grant_not_active`; 409 `call_not_open`, `call_busy`, `slot_taken`, `slot_not_suitable`
    with its `reason`.
    """
    booked = await book_granted(work, rules, caller, grant_id, call_id=body.call_id, slot_id=body.slot_id)
    return booking_out(rules, booked)


def _out(row: Record, now: datetime) -> GrantOut:
    active = row["revoked_at"] is None and row["starts_at"] <= now < row["ends_at"]
    return filled(GrantOut, row, from_territory=row["territory"], active=active)
