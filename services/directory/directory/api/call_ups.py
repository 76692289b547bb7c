"""Routes of call-ups of volunteers (*appels à volontaires*)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, Field, StrictBool, StringConstraints, TypeAdapter

from directory.api.fields import Body, Code, Commune, Line
from directory.api.params import AsOfDep, CrisisReader, CrisisWriter, ReferenceDep, RppsPath, ShiftTaker
from directory.api.schemas_crisis import fields
from directory.domain.call_ups import CallUpState, PersonState
from directory.usecases.answer_call_up import Availability, answer_call_up
from directory.usecases.fill_roster import fill_roster
from directory.usecases.run_call_up import (
    CallUpAsked,
    close_call_up,
    draft_call_up,
    hurry_call_up,
    list_call_ups,
    list_people,
    preview_call_up,
    show_progress,
    show_seats,
    start_call_up,
)
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["crises"])

_KEY, _RANK = TypeAdapter(tuple[UUID]), TypeAdapter(tuple[int])
_SHOWN = 200
Codes = Annotated[list[Code], Field(max_length=30)]
Capability = Annotated[str, StringConstraints(max_length=80, pattern=r"^[a-z][a-z0-9_]*(=[A-Za-z0-9_-]+)?$")]


class CallUpIn(Body):
    """Whom to call, and for when. What is left out follows the territory's rules (GET /v1/crisis-codes)."""

    title: Line = Field(
        description="Stands in the mail: nothing about a patient", examples=["Renfort du centre de vaccination"]
    )
    professions: Codes = Field(default=[], description="TRE_G15; any when empty", examples=[["10", "60"]])
    specialties: Codes = Field(default=[], description="Of /v1/nomenclature; any when empty")
    capabilities: list[Capability] = Field(
        default=[], max_length=5, description="`kind` or `kind=code` of /v1/statement-kinds; all must hold"
    )
    commune: Commune = Field(description="Where they are wanted: distances are measured from it")
    radius_km: float | None = Field(default=None, gt=0, le=100, allow_inf_nan=False)
    wanted: int = Field(ge=1, le=1000, description="Waves stop when so many are available")
    wave_size: int | None = Field(default=None, ge=1, le=200)
    wave_minutes: int | None = Field(default=None, ge=1, le=10_080)
    needed_from: AwareDatetime
    needed_until: AwareDatetime
    roster_id: UUID | None = Field(default=None, description="Whose shifts the volunteers fill")
    activation_id: UUID | None = None


class CallUpOut(BaseModel):
    """A call-up."""

    id: UUID
    title: str
    professions: list[str]
    specialties: list[str]
    capabilities: list[str]
    commune: str
    radius_km: float
    wanted: int
    wave_size: int
    wave_minutes: int
    needed_from: datetime
    needed_until: datetime
    roster_id: UUID | None
    activation_id: UUID | None
    state: CallUpState
    wave: int = Field(description="Waves sent")
    next_wave_at: datetime | None = Field(description="When it is looked at next")
    started_at: datetime | None
    closed_at: datetime | None
    not_called: dict[str, int] = Field(description="When it started: how many were not called, by reason")
    codes_version: str
    version: int


class CalledCount(BaseModel):
    """How far it is, among a profession or all."""

    profession: str | None = Field(description="Code of TRE_G15; null for all")
    called: int
    asked: int = Field(description="Written to")
    waiting: int = Field(description="Of a later wave")
    to_phone: int = Field(description="Without a confirmed channel for alerts")
    available: int
    unavailable: int


class SeatsOut(BaseModel):
    """Of the roster that it fills."""

    seats: int
    taken: int


class ProgressOut(CallUpOut):
    """With counts in all (first) and by profession."""

    counts: list[CalledCount]
    roster: SeatsOut | None


class CalledOut(BaseModel):
    """Somebody whom it would call."""

    rpps: str
    name: str
    profession: str
    distance_km: float
    reachable: bool = Field(description="Has a confirmed channel for alerts; else to be phoned")


class PreviewOut(BaseModel):
    """Whom it would call if it started now, and why not the others."""

    count: int
    reachable: int
    nearest: list[CalledOut] = Field(description=f"The first {_SHOWN}")
    not_called: dict[str, int] = Field(
        description="profession_not_wanted, specialty_not_wanted, too_far, capability_missing: the first that applies"
    )


class PersonOut(BaseModel):
    """Somebody whom it calls, and what they said."""

    rpps: str
    name: str
    profession: str
    distance_km: float
    state: PersonState
    wave: int | None
    asked_at: datetime | None
    available: bool | None = Field(description="Null: has not answered")
    available_from: datetime | None
    available_until: datetime | None
    answered_at: datetime | None
    answered_by: str | None


class AnswerIn(Body):
    """Available or not, and when; without times for the whole of the call-up."""

    available: StrictBool
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None


class AnswerOut(BaseModel):
    """What stands."""

    rpps: str
    available: bool
    available_from: datetime | None
    available_until: datetime | None
    version: int


class GivenOut(BaseModel):
    """A seat that was given, or why not."""

    shift_id: UUID
    rpps: str
    refused: str | None = Field(description="Code of PUT /v1/shifts/{shift_id}/sign-ups/{rpps}, null when signed up")


class FilledOut(BaseModel):
    """What came of filling the roster."""

    given: list[GivenOut]
    roster: SeatsOut


@router.post(
    "/call-ups",
    status_code=201,
    operation_id="draftCallUp",
    summary="Prepare a call-up of volunteers",
    responses=problem_responses(404),
)
async def post_call_up(*, caller: CrisisWriter, work: WorkDep, reference: ReferenceDep, body: CallUpIn) -> CallUpOut:
    """Calls nobody yet. 404 `roster_unknown`, `activation_unknown`; 422 for an unknown code, commune or period."""
    return _call_up(await draft_call_up(work, reference, caller, CallUpAsked(**body.model_dump())))


@router.get("/call-ups", operation_id="listCallUps", summary="Call-ups, the latest first")
async def get_call_ups(
    *, caller: CrisisReader, work: WorkDep, page: PageDep, state: CallUpState | None = None
) -> Page[CallUpOut]:
    """Of the territory."""
    seen = page.key(_KEY)
    rows = await list_call_ups(work, state=state, after=seen and seen[0], limit=page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_call_up(row) for row in kept], next=following)


@router.get(
    "/call-ups/{call_up_id}", operation_id="getCallUp", summary="How far a call-up is", responses=problem_responses(404)
)
async def get_call_up(*, caller: CrisisReader, work: WorkDep, until: AsOfDep, call_up_id: UUID) -> ProgressOut:
    """Counts in all and by profession, today or `at` a day. 404 `call_up_unknown`."""
    row, counts = await show_progress(work, call_up_id, until)
    seats = await show_seats(work, row["roster_id"])
    shown = SeatsOut(seats=seats[0], taken=seats[1]) if seats else None
    return ProgressOut(**fields(ProgressOut, row, counts=[CalledCount(**dict(it)) for it in counts], roster=shown))


@router.get(
    "/call-ups/{call_up_id}/preview",
    operation_id="previewCallUp",
    summary="Whom a call-up would call, and why not the others",
    responses=problem_responses(404),
)
async def get_preview(*, caller: CrisisWriter, work: WorkDep, reference: ReferenceDep, call_up_id: UUID) -> PreviewOut:
    """As the directory stands now, the nearest first. 404 `call_up_unknown`."""
    people, others = await preview_call_up(work, reference, call_up_id)
    nearest = [
        CalledOut(**fields(CalledOut, row, distance_km=round(row["metres"] / 1000, 2))) for row in people[:_SHOWN]
    ]
    reachable = sum(row["reachable"] for row in people)
    return PreviewOut(count=len(people), reachable=reachable, nearest=nearest, not_called=others)


@router.post(
    "/call-ups/{call_up_id}/start",
    operation_id="startCallUp",
    summary="Start a call-up",
    responses=problem_responses(404, 409),
)
async def post_start(*, caller: CrisisWriter, work: WorkDep, reference: ReferenceDep, call_up_id: UUID) -> CallUpOut:
    """The first wave leaves within seconds. A repeat changes nothing. 409 `call_up_over`, `nobody_to_call`."""
    return _call_up(await start_call_up(work, reference, caller, call_up_id))


@router.post(
    "/call-ups/{call_up_id}/next-wave",
    operation_id="hurryCallUp",
    summary="Send the next wave now",
    responses=problem_responses(404, 409),
)
async def post_next_wave(*, caller: CrisisWriter, work: WorkDep, call_up_id: UUID) -> CallUpOut:
    """If too few are available. 409 `call_up_over`."""
    return _call_up(await hurry_call_up(work, caller, call_up_id))


@router.post(
    "/call-ups/{call_up_id}/close",
    operation_id="closeCallUp",
    summary="Close a call-up",
    responses=problem_responses(404),
)
async def post_close(*, caller: CrisisWriter, work: WorkDep, call_up_id: UUID) -> CallUpOut:
    """Links stop, no wave follows; it closes by itself at `needed_until`. A repeat changes nothing."""
    return _call_up(await close_call_up(work, caller, call_up_id))


@router.get(
    "/call-ups/{call_up_id}/people",
    operation_id="listCalledPeople",
    summary="Whom a call-up calls, and what they said",
    responses=problem_responses(404),
)
async def get_people(
    *,
    caller: CrisisWriter,
    work: WorkDep,
    page: PageDep,
    call_up_id: UUID,
    state: PersonState | None = None,
    available: Annotated[bool | None, Query(description="Said yes, or no")] = None,
) -> Page[PersonOut]:
    """The nearest first. What became of the messages: `GET /v1/messages?batch=<id>`."""
    seen = page.key(_RANK)
    rows = await list_people(
        work, call_up_id, state=state, available=available, after=seen and seen[0], limit=page.limit + 1
    )
    kept, following = page_of(rows, page, key=lambda row: [row["rank"]])
    items = [PersonOut(**fields(PersonOut, row, distance_km=round(row["metres"] / 1000, 2))) for row in kept]
    return Page(items=items, next=following)


@router.put(
    "/call-ups/{call_up_id}/answers/{rpps}",
    operation_id="answerCallUp",
    summary="Say whether one is available",
    responses=problem_responses(404, 409),
)
async def put_answer(
    *, caller: ShiftTaker, work: WorkDep, call_up_id: UUID, rpps: RppsPath, body: AnswerIn
) -> AnswerOut:
    """A practitioner for themself, a coordinator for anyone (who was phoned). The last answer counts.

    403 `not_own_entry`; 404 `call_up_unknown`, `not_called`; 409 `call_up_over`; 422 `period_refused`.
    """
    row = await answer_call_up(work, caller, call_up_id, rpps, Availability(**body.model_dump()))
    return AnswerOut(**fields(AnswerOut, row))


@router.post(
    "/call-ups/{call_up_id}/fill",
    operation_id="fillRoster",
    summary="Sign the volunteers up for the free shifts of the roster",
    responses=problem_responses(404, 409),
)
async def post_fill(*, caller: CrisisWriter, work: WorkDep, call_up_id: UUID) -> FilledOut:
    """Who is available for the whole of a shift; the fewest shifts first, then the nearest. At most 500 shifts.

    A coordinator only: 403 `not_coordinator`. 409 `no_roster`. Who was taken elsewhere meanwhile is told with why.
    """
    given = await fill_roster(work, caller, call_up_id)
    row, _ = await show_progress(work, call_up_id, None)
    seats = await show_seats(work, row["roster_id"]) or (0, 0)
    shown = [GivenOut(shift_id=shift, rpps=rpps, refused=refused) for shift, rpps, refused in given]
    return FilledOut(given=shown, roster=SeatsOut(seats=seats[0], taken=seats[1]))


def _call_up(row: Record) -> CallUpOut:
    return CallUpOut(**fields(CallUpOut, row))
