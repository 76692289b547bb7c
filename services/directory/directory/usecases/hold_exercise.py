"""Exercises of crisis: planned, held with who took part, and what they taught."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from contracts.directory import CrisisExerciseHeld, ProfessionCount
from directory.domain.as_of import paris_day
from directory.store import crisis
from directory.usecases.keep_crisis_plans import find_plan
from directory.usecases.known_codes import check_code
from directory.usecases.load_reference import Reference
from directory.usecases.run_crisis import find_activation
from kit import rows
from kit.auth import Caller
from kit.problems import Problem, field_problem, or_404
from kit.versions import check_version
from kit.work import Record, Work

_TABLE, _LESSON = "crisis_exercise", "crisis_lesson"


@dataclass(frozen=True)
class ExerciseAsked:
    """What is planned, of which plan if of one."""

    kind: str
    title: str
    planned_on: date
    plan_id: UUID | None


async def plan_exercise(work: Work, reference: Reference, caller: Caller, asked: ExerciseAsked) -> Record:
    """Plans an exercise. Raises Problem 404 `plan_unknown`, 422 `code_unknown`."""
    check_code("kind", asked.kind, reference.crisis.exercise_kinds)
    if asked.plan_id is not None:
        await find_plan(work, asked.plan_id)
    nobody: dict[str, Any] = {"professionals": [], "structures": []}
    return await rows.add(work, _TABLE, caller.subject, **vars(asked), **nobody, state="planned")


async def find_exercise(work: Work, exercise_id: UUID, *, lock: bool = False) -> Record:
    """Raises Problem 404."""
    return or_404(await rows.find(work, _TABLE, exercise_id, lock=lock), "exercise_unknown")


async def hold_exercise(
    work: Work,
    caller: Caller,
    exercise_id: UUID,
    *,
    held_on: date,
    professionals: Sequence[str],
    structures: Sequence[str],
) -> Record:
    """It took place, with these people and structures; said again, it corrects them. Told each time.

    Raises Problem 404, 409 `exercise_cancelled`, 422 for a day to come and for whom the directory does not have.
    """
    exercise = await find_exercise(work, exercise_id, lock=True)
    if exercise["state"] == "cancelled":
        raise Problem(409, "exercise_cancelled", "The exercise was cancelled")
    if held_on > paris_day(work.now):
        raise field_problem("held_on", "held_later", "It is told once it has taken place")
    people = await _known(work, professionals, structures)
    values = {"professionals": sorted(set(professionals)), "structures": sorted(set(structures)), "held_on": held_on}
    row = await rows.change(work, _TABLE, exercise_id, caller.subject, **values, state="held")
    await _tell_held(work, row, people)
    return row


async def _known(work: Work, professionals: Sequence[str], structures: Sequence[str]) -> list[Record]:
    """The professionals: rpps, profession. Raises Problem 422 for whom the directory does not have."""
    people, known = await crisis.participants(work, professionals, structures)
    if missing := sorted(set(professionals) - {row["rpps"] for row in people}):
        raise field_problem("professionals", "professional_unknown", f"The directory has no professional {missing[0]}")
    if missing := sorted(set(structures) - known):
        raise field_problem("structures", "structure_unknown", f"The directory has no structure {missing[0]}")
    return people


async def _tell_held(work: Work, row: Record, people: Sequence[Record]) -> None:
    counts = Counter(person["profession"] for person in people)
    told = CrisisExerciseHeld(
        exercise_id=row["id"],
        kind=row["kind"],
        plan_type=(await find_plan(work, row["plan_id"]))["type"] if row["plan_id"] else None,
        held_on=row["held_on"],
        professionals=tuple(ProfessionCount(profession=code, count=counts[code]) for code in sorted(counts)),
        structures=len(row["structures"]),
    )
    work.emit(told, version=row["version"])


async def cancel_exercise(work: Work, caller: Caller, exercise_id: UUID) -> Record:
    """It will not take place; a repeat changes nothing. Raises Problem 404, 409 `exercise_held`."""
    row = await find_exercise(work, exercise_id, lock=True)
    if row["state"] == "held":
        raise Problem(409, "exercise_held", "The exercise has taken place")
    if row["state"] == "cancelled":
        return row
    return await rows.change(work, _TABLE, exercise_id, caller.subject, state="cancelled")


async def list_exercises(
    work: Work,
    *,
    state: str | None,
    plan_id: UUID | None,
    until: datetime | None,
    after: tuple[date, UUID] | None,
    limit: int,
) -> list[Record]:
    """Exercises, the latest first."""
    filters = [("state = ?", state), ("plan_id = ?", plan_id)]
    return await crisis.exercises(work, filters, until=until, after=after, limit=limit)


async def note_lesson(
    work: Work, caller: Caller, *, of: tuple[str, UUID], text: str, owner: str, due_on: date
) -> Record:
    """What an exercise or an activation taught. `of`: (`exercise_id` or `activation_id`, which).

    Raises Problem 404, 409 `exercise_not_held`.
    """
    column, source_id = of
    if column == "activation_id":
        await find_activation(work, source_id)
    elif (await find_exercise(work, source_id))["state"] != "held":
        raise Problem(409, "exercise_not_held", "Lessons are noted once it has taken place")
    values = {column: source_id, "text": text, "owner": owner, "due_on": due_on, "state": "open"}
    return await rows.add(work, _LESSON, caller.subject, **values)


async def change_lesson(
    work: Work,
    caller: Caller,
    lesson_id: UUID,
    *,
    state: str | None,
    owner: str | None,
    due_on: date | None,
    if_match: str | None,
) -> Record:
    """Done, dropped or open again; somebody else's; another day. None leaves it. Raises Problem 404, 412."""
    row = or_404(await rows.find(work, _LESSON, lesson_id, lock=True), "lesson_unknown")
    check_version(if_match, row["version"])
    values = {"state": state or row["state"], "owner": owner or row["owner"], "due_on": due_on or row["due_on"]}
    if all(row[name] == value for name, value in values.items()):
        return row
    closed = None if values["state"] == "open" else row["closed_on"] or paris_day(work.now)
    return await rows.change(work, _LESSON, lesson_id, caller.subject, **values, closed_on=closed)


async def list_lessons(
    work: Work,
    *,
    state: str | None,
    overdue: bool,
    of: tuple[str, UUID] | None,
    until: datetime | None,
    after: tuple[date, UUID] | None,
    limit: int,
) -> list[Record]:
    """Lessons by the day on which they are due; `overdue`: open ones whose day is over."""
    filters: list[tuple[str, Any]] = [("state = ?", "open" if overdue else state)]
    filters += [("due_on < ?", paris_day(work.now))] if overdue else []
    filters += [(f"{of[0]} = ?", of[1])] if of else []
    order = ("due_on", "id")
    return await rows.listed(work, _LESSON, filters, order=order, until=until, after=after, limit=limit)
