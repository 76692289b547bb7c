"""Routes of call-ups of volunteers (*appels à volontaires*)."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import TypeAdapter

from directory.api.params import CrisisReader, CrisisWriter, ReferenceDep, RppsPath, ShiftTaker
from directory.api.schemas_call_ups import (
    SHOWN,
    AnswerIn,
    AnswerOut,
    CalledCount,
    CalledOut,
    CallUpIn,
    CallUpOut,
    FilledOut,
    GivenOut,
    PersonOut,
    PreviewOut,
    ProgressOut,
    SeatsOut,
)
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
from kit.answers import filled
from kit.as_of import AsOfDep
from kit.http import WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["crises"])

_KEY, _RANK = TypeAdapter(tuple[UUID]), TypeAdapter(tuple[int])


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
    *, caller: CrisisReader, work: WorkDep, page: PageDep, until: AsOfDep, state: CallUpState | None = None
) -> Page[CallUpOut]:
    """Of the territory; `?at=` as they stood."""
    seen = page.key(_KEY)
    rows = await list_call_ups(work, state=state, until=until, after=seen and seen[0], limit=page.limit + 1)
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
    return filled(ProgressOut, row, counts=[CalledCount(**dict(it)) for it in counts], roster=shown)


@router.get(
    "/call-ups/{call_up_id}/preview",
    operation_id="previewCallUp",
    summary="Whom a call-up would call, and why not the others",
    responses=problem_responses(404),
)
async def get_preview(*, caller: CrisisWriter, work: WorkDep, reference: ReferenceDep, call_up_id: UUID) -> PreviewOut:
    """As the directory stands now, the nearest first. 404 `call_up_unknown`."""
    people, others = await preview_call_up(work, reference, call_up_id)
    nearest = [filled(CalledOut, row, distance_km=round(row["metres"] / 1000, 2)) for row in people[:SHOWN]]
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
    items = [filled(PersonOut, row, distance_km=round(row["metres"] / 1000, 2)) for row in kept]
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
    return filled(AnswerOut, row)


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
    return filled(CallUpOut, row)
