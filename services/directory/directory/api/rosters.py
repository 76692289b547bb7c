"""Routes of rosters (*plannings*): shifts of a vaccination centre, a plan or an exercise, and who takes them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, Field, StrictBool, TypeAdapter

from directory.api.fields import Body, Text
from directory.api.params import CrisisReader, CrisisWriter, ReferenceDep, RppsPath, ShiftTaker
from directory.domain.crisis import SignUpState
from directory.domain.identifiers import COMMUNE_PATTERN
from directory.store.rosters import NewRoster, NewShift
from directory.usecases.rosters import (
    add_shifts,
    cancel_shift,
    list_rosters,
    list_shifts,
    open_roster,
    show_participation,
    show_roster,
)
from directory.usecases.take_shift import leave_shift, list_sign_ups, note_presence, take_shift
from kit.answers import filled
from kit.as_of import AsOfDep
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["crises"])

_ROSTER_KEY = TypeAdapter(tuple[date, UUID])
_SHIFT_KEY = TypeAdapter(tuple[AwareDatetime, UUID])
_SIGN_UP_KEY = TypeAdapter(tuple[str])


class RosterIn(Body):
    name: Text = Field(examples=["Centre de vaccination de Redon"])
    kind: str = Field(max_length=40, description="Code of deploy/reference/crisis.yaml", examples=["vaccination"])
    commune: str = Field(pattern=COMMUNE_PATTERN, examples=["35236"])
    address: Text | None = None
    starts_on: date
    ends_on: date


class RosterOut(BaseModel):
    id: UUID
    name: str
    kind: str
    commune: str
    address: str | None
    starts_on: date
    ends_on: date
    version: int


class ShiftIn(Body):
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    professions: list[Annotated[str, Field(max_length=10)]] = Field(
        default=[], max_length=30, description="Codes of TRE_G15; any profession when empty", examples=[["10", "60"]]
    )
    seats: int = Field(ge=1, le=200)


class ShiftsIn(Body):
    shifts: list[ShiftIn] = Field(min_length=1, max_length=500)


class ShiftsAdded(BaseModel):
    ids: list[UUID] = Field(description="In the order of the request")


class ShiftOut(BaseModel):
    id: UUID
    roster_id: UUID
    starts_at: datetime
    ends_at: datetime
    professions: list[str]
    seats: int
    taken: int = Field(description="Seats that somebody has signed up for")
    cancelled_at: datetime | None


class CancelledOut(BaseModel):
    id: UUID
    cancelled_at: datetime


class SignUpOut(BaseModel):
    """A professional and a shift."""

    shift_id: UUID
    rpps: str
    profession: str = Field(description="By which they serve")
    state: SignUpState
    version: int


class NamedSignUpOut(SignUpOut):
    name: str


class PresenceIn(Body):
    present: StrictBool


class ParticipationCount(BaseModel):
    """Distinct people of a profession: I-59 counts those who signed up, I-58 those who came."""

    profession: str
    signed: int = Field(description="Signed up and did not withdraw, whether or not they came")
    present: int = Field(description="Came at least once")


class RosterParticipation(BaseModel):
    counts: list[ParticipationCount]


@router.post("/rosters", status_code=201, operation_id="openRoster", summary="Open a roster")
async def post_roster(*, caller: CrisisWriter, work: WorkDep, reference: ReferenceDep, body: RosterIn) -> RosterOut:
    """422 `code_unknown`, `commune_unknown`, `period_empty`."""
    return _roster(await open_roster(work, reference, caller, NewRoster(**body.model_dump())))


@router.get("/rosters", operation_id="listRosters", summary="Rosters, the latest first")
async def get_rosters(
    *,
    caller: CrisisReader,
    work: WorkDep,
    page: PageDep,
    kind: Annotated[str | None, Query(max_length=40, pattern=r"^[a-z_]+$")] = None,
    on: Annotated[date | None, Query(description="Open on this day")] = None,
) -> Page[RosterOut]:
    """By the day on which they start."""
    rows = await list_rosters(work, kind=kind, on=on, after=page.key(_ROSTER_KEY), limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["starts_on"].isoformat(), str(row["id"])])
    return Page(items=[_roster(row) for row in kept], next=following)


@router.get("/rosters/{roster_id}", operation_id="getRoster", summary="One roster", responses=problem_responses(404))
async def get_roster(*, caller: CrisisReader, work: WorkDep, roster_id: UUID) -> RosterOut:
    """404 `roster_unknown`."""
    return _roster(await show_roster(work, roster_id))


@router.get(
    "/rosters/{roster_id}/participation",
    operation_id="countRosterParticipation",
    summary="How many people of each profession signed up and came",
    responses=problem_responses(404),
)
async def get_participation(
    *, caller: CrisisReader, work: WorkDep, roster_id: UUID, until: AsOfDep
) -> RosterParticipation:
    """Today, or as it stood `at` a day."""
    rows = await show_participation(work, roster_id, until)
    return RosterParticipation(counts=[ParticipationCount(**dict(row)) for row in rows])


@router.post(
    "/rosters/{roster_id}/shifts",
    status_code=201,
    operation_id="addShifts",
    summary="Add shifts to a roster",
    responses=problem_responses(404),
)
async def post_shifts(
    *, caller: CrisisWriter, work: WorkDep, reference: ReferenceDep, roster_id: UUID, body: ShiftsIn
) -> ShiftsAdded:
    """All of them or none. Several lines of vaccination at one time are seats of one shift."""
    new = [NewShift(**shift.model_dump()) for shift in body.shifts]
    return ShiftsAdded(ids=await add_shifts(work, reference.nomenclature, caller, roster_id, new))


@router.get(
    "/rosters/{roster_id}/shifts",
    operation_id="listShifts",
    summary="Shifts of a roster, in order of start",
    responses=problem_responses(404),
)
async def get_shifts(
    *,
    caller: CrisisReader,
    work: WorkDep,
    page: PageDep,
    roster_id: UUID,
    since: Annotated[AwareDatetime | None, Query(alias="from", description="Starts at or after")] = None,
    before: Annotated[AwareDatetime | None, Query(alias="to", description="Starts before")] = None,
    free: Annotated[bool, Query(description="Only those with a free seat")] = False,
) -> Page[ShiftOut]:
    """Cancelled ones too, unless only `free` ones are asked for."""
    rows = await list_shifts(
        work, roster_id, since=since, before=before, free=free, after=page.key(_SHIFT_KEY), limit=page.limit + 1
    )
    kept, following = page_of(rows, page, key=lambda row: [row["starts_at"].isoformat(), str(row["id"])])
    return Page(items=[filled(ShiftOut, row) for row in kept], next=following)


@router.post(
    "/shifts/{shift_id}/cancel",
    operation_id="cancelShift",
    summary="Cancel a shift",
    responses=problem_responses(404),
)
async def post_cancel(*, caller: CrisisWriter, work: WorkDep, shift_id: UUID) -> CancelledOut:
    """Nobody signs up for it any more. A repeat changes nothing."""
    row = await cancel_shift(work, caller, shift_id)
    return CancelledOut(id=row["id"], cancelled_at=row["cancelled_at"])


@router.get(
    "/shifts/{shift_id}/sign-ups",
    operation_id="listSignUps",
    summary="Who is on a shift",
    responses=problem_responses(404),
)
async def get_sign_ups(*, caller: CrisisReader, work: WorkDep, page: PageDep, shift_id: UUID) -> Page[NamedSignUpOut]:
    """By RPPS number, with those who withdrew."""
    rows = await list_sign_ups(work, shift_id, after=page.first_key(_SIGN_UP_KEY), limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [row["rpps"]])
    return Page(items=[filled(NamedSignUpOut, row) for row in kept], next=following)


@router.put(
    "/shifts/{shift_id}/sign-ups/{rpps}",
    operation_id="takeShift",
    summary="Sign up for a shift",
    responses=problem_responses(404, 409),
)
async def put_sign_up(*, caller: ShiftTaker, work: WorkDep, shift_id: UUID, rpps: RppsPath) -> SignUpOut:
    """A practitioner for themself, a coordinator for anyone. A repeat changes nothing.

    409 `shift_full`, `already_on_duty`, `profession_not_wanted`, `shift_cancelled`, `shift_over`; 403 `not_own_entry`.
    """
    return _sign_up(await take_shift(work, caller, shift_id, rpps))


@router.post(
    "/shifts/{shift_id}/sign-ups/{rpps}/withdraw",
    operation_id="leaveShift",
    summary="Withdraw from a shift",
    responses=problem_responses(404, 409),
)
async def post_withdraw(*, caller: ShiftTaker, work: WorkDep, shift_id: UUID, rpps: RppsPath) -> SignUpOut:
    """Before it begins. 409 `shift_begun`; 404 `sign_up_unknown`; 403 `not_own_entry`."""
    return _sign_up(await leave_shift(work, caller, shift_id, rpps))


@router.put(
    "/shifts/{shift_id}/presences/{rpps}",
    operation_id="notePresence",
    summary="Note who came",
    responses=problem_responses(404, 409),
)
async def put_presence(
    *, caller: CrisisWriter, work: WorkDep, shift_id: UUID, rpps: RppsPath, body: PresenceIn
) -> SignUpOut:
    """From the start of the shift; may be corrected. 409 `shift_not_begun`, `not_signed_up`; 404 `sign_up_unknown`."""
    return _sign_up(await note_presence(work, caller, shift_id, rpps, present=body.present))


def _roster(row: Record) -> RosterOut:
    return filled(RosterOut, row)


def _sign_up(row: Record) -> SignUpOut:
    return filled(SignUpOut, row)
