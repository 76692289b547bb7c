"""Routes of plans in force (activations and their journal), of exercises and their lessons."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import TypeAdapter

from directory.api.params import CrisisDocumentReader, CrisisReader, CrisisWriter, ReferenceDep
from directory.api.schemas_crisis import (
    ActivationOut,
    ExerciseIn,
    ExerciseOut,
    ExerciseState,
    HeldIn,
    LessonChange,
    LessonIn,
    LessonOut,
    LessonState,
    LineIn,
    LineOut,
    ListedExerciseOut,
    ReasonIn,
)
from directory.domain.as_of import standing_day
from directory.usecases.hold_exercise import (
    ExerciseAsked,
    cancel_exercise,
    change_lesson,
    find_exercise,
    hold_exercise,
    list_exercises,
    list_lessons,
    note_lesson,
    plan_exercise,
)
from directory.usecases.run_crisis import (
    end_activation,
    find_activation,
    list_activations,
    list_journal,
    note_line,
    start_activation,
)
from kit.answers import filled
from kit.as_of import AsOfDep
from kit.http import IfMatch, WorkDep, service_router
from kit.pagination import Page, PageDep, page_of
from kit.problems import problem_responses
from kit.work import Record

router = service_router(tags=["crises"])

_KEY = TypeAdapter(tuple[UUID])
_DATED = TypeAdapter(tuple[date, UUID])


@router.post(
    "/crisis-plans/{plan_id}/activations",
    status_code=201,
    operation_id="startCrisis",
    summary="Put a plan in force",
    responses=problem_responses(404, 409),
)
async def post_activation(*, caller: CrisisWriter, work: WorkDep, plan_id: UUID, body: ReasonIn) -> ActivationOut:
    """Its adopted version, from now on. 409 `plan_not_adopted`, `plan_running`."""
    return _activation(await start_activation(work, caller, plan_id, body.reason))


@router.get("/crisis-activations", operation_id="listCrises", summary="Plans that are or were in force")
async def get_activations(
    *,
    caller: CrisisReader,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    plan_id: UUID | None = None,
    running: Annotated[bool | None, Query(description="Not ended, or ended")] = None,
) -> Page[ActivationOut]:
    """The latest first; as it stood `at` a day when given."""
    seen = page.key(_KEY)
    rows = await list_activations(
        work, plan_id=plan_id, running=running, until=until, after=seen and seen[0], limit=page.limit + 1
    )
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_activation(row) for row in kept], next=following)


@router.get(
    "/crisis-activations/{activation_id}",
    operation_id="getCrisis",
    summary="One activation",
    responses=problem_responses(404),
)
async def get_activation(*, caller: CrisisReader, work: WorkDep, activation_id: UUID) -> ActivationOut:
    """404 `activation_unknown`."""
    return _activation(await find_activation(work, activation_id))


@router.post(
    "/crisis-activations/{activation_id}/end",
    operation_id="endCrisis",
    summary="End an activation",
    responses=problem_responses(404),
)
async def post_end(*, caller: CrisisWriter, work: WorkDep, activation_id: UUID, body: ReasonIn) -> ActivationOut:
    """Now. A repeat changes nothing. 404 `activation_unknown`."""
    return _activation(await end_activation(work, caller, activation_id, body.reason))


@router.post(
    "/crisis-activations/{activation_id}/journal",
    status_code=201,
    operation_id="noteCrisisLine",
    summary="Write a line of the journal",
    responses=problem_responses(404),
)
async def post_line(
    *, caller: CrisisWriter, work: WorkDep, reference: ReferenceDep, activation_id: UUID, body: LineIn
) -> LineOut:
    """Never changed nor removed: a correction is a line. 422 `code_unknown`, `happens_later`."""
    return _line(await note_line(work, reference, caller, activation_id, **body.model_dump()))


@router.get(
    "/crisis-activations/{activation_id}/journal",
    operation_id="listCrisisJournal",
    summary="The journal of an activation",
    responses=problem_responses(404),
)
async def get_journal(
    *, caller: CrisisDocumentReader, work: WorkDep, page: PageDep, activation_id: UUID
) -> Page[LineOut]:
    """In the order in which it was written, with who and when."""
    seen = page.key(_KEY)
    rows = await list_journal(work, activation_id, seen and seen[0], page.limit + 1)
    kept, following = page_of(rows, page, key=lambda row: [str(row["id"])])
    return Page(items=[_line(row) for row in kept], next=following)


@router.post(
    "/crisis-exercises",
    status_code=201,
    operation_id="planCrisisExercise",
    summary="Plan an exercise",
    responses=problem_responses(404),
)
async def post_exercise(
    *, caller: CrisisWriter, work: WorkDep, reference: ReferenceDep, body: ExerciseIn
) -> ExerciseOut:
    """404 `plan_unknown`, 422 `code_unknown`."""
    return _exercise(await plan_exercise(work, reference, caller, ExerciseAsked(**body.model_dump())))


@router.get("/crisis-exercises", operation_id="listCrisisExercises", summary="Exercises, the latest first")
async def get_exercises(
    *,
    caller: CrisisReader,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    state: ExerciseState | None = None,
    plan_id: UUID | None = None,
) -> Page[ListedExerciseOut]:
    """As they are, or stood `at` a day."""
    rows = await list_exercises(
        work, state=state, plan_id=plan_id, until=until, after=page.key(_DATED), limit=page.limit + 1
    )
    kept, following = page_of(rows, page, key=lambda row: [row["planned_on"].isoformat(), str(row["id"])])
    return Page(items=[filled(ListedExerciseOut, row) for row in kept], next=following)


@router.get(
    "/crisis-exercises/{exercise_id}",
    operation_id="getCrisisExercise",
    summary="One exercise",
    responses=problem_responses(404),
)
async def get_exercise(*, caller: CrisisReader, work: WorkDep, exercise_id: UUID) -> ExerciseOut:
    """404 `exercise_unknown`."""
    return _exercise(await find_exercise(work, exercise_id))


@router.post(
    "/crisis-exercises/{exercise_id}/hold",
    operation_id="holdCrisisExercise",
    summary="An exercise took place",
    responses=problem_responses(404, 409),
)
async def post_hold(*, caller: CrisisWriter, work: WorkDep, exercise_id: UUID, body: HeldIn) -> ExerciseOut:
    """With all who took part; said again, it corrects them. 409 `exercise_cancelled`, 422 `held_later`."""
    return _exercise(await hold_exercise(work, caller, exercise_id, **body.model_dump()))


@router.post(
    "/crisis-exercises/{exercise_id}/cancel",
    operation_id="cancelCrisisExercise",
    summary="An exercise will not take place",
    responses=problem_responses(404, 409),
)
async def post_cancel(*, caller: CrisisWriter, work: WorkDep, exercise_id: UUID) -> ExerciseOut:
    """A repeat changes nothing. 409 `exercise_held`."""
    return _exercise(await cancel_exercise(work, caller, exercise_id))


@router.post(
    "/crisis-lessons",
    status_code=201,
    operation_id="noteCrisisLesson",
    summary="Note what an exercise or a crisis taught",
    responses=problem_responses(404, 409),
)
async def post_lesson(*, caller: CrisisWriter, work: WorkDep, body: LessonIn) -> LessonOut:
    """With who sees to it until when. 409 `exercise_not_held`."""
    of = ("exercise_id", body.exercise_id) if body.exercise_id else ("activation_id", body.activation_id)
    assert of[1] is not None  # noqa: S101 - the schema wants one of them
    row = await note_lesson(work, caller, of=(of[0], of[1]), text=body.text, owner=body.owner, due_on=body.due_on)
    return _lesson(row, standing_day(work.now, None))


@router.get("/crisis-lessons", operation_id="listCrisisLessons", summary="Lessons by the day on which they are due")
async def get_lessons(
    *,
    caller: CrisisReader,
    work: WorkDep,
    page: PageDep,
    until: AsOfDep,
    state: LessonState | None = None,
    overdue: Annotated[bool, Query(description="Open, and their day is over")] = False,
    exercise_id: UUID | None = None,
    activation_id: UUID | None = None,
) -> Page[LessonOut]:
    """Of all exercises and activations, or of one; as they stood `at` a day when given."""
    of = ("exercise_id", exercise_id) if exercise_id else ("activation_id", activation_id) if activation_id else None
    rows = await list_lessons(
        work, state=state, overdue=overdue, of=of, until=until, after=page.key(_DATED), limit=page.limit + 1
    )
    kept, following = page_of(rows, page, key=lambda row: [row["due_on"].isoformat(), str(row["id"])])
    day = standing_day(work.now, until)
    return Page(items=[_lesson(row, day) for row in kept], next=following)


@router.patch(
    "/crisis-lessons/{lesson_id}",
    operation_id="changeCrisisLesson",
    summary="A lesson is done, dropped, somebody else's or due later",
    responses=problem_responses(404, 412),
)
async def patch_lesson(
    *, caller: CrisisWriter, work: WorkDep, lesson_id: UUID, body: LessonChange, if_match: IfMatch = None
) -> LessonOut:
    """404 `lesson_unknown`. `If-Match`: the `version` that was read, in quotes."""
    row = await change_lesson(work, caller, lesson_id, **body.model_dump(), if_match=if_match)
    return _lesson(row, standing_day(work.now, None))


def _activation(row: Record) -> ActivationOut:
    return filled(ActivationOut, row)


def _line(row: Record) -> LineOut:
    return filled(LineOut, row, written_at=row["changed_at"], written_by=row["changed_by"])


def _exercise(row: Record) -> ExerciseOut:
    return filled(ExerciseOut, row)


def _lesson(row: Record, today: date) -> LessonOut:
    return filled(LessonOut, row, overdue=row["state"] == "open" and row["due_on"] < today)
