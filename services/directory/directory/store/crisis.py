"""Crisis plans, activations, exercises and lessons: what the general adding and changing of rows does not do."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from directory.store.history import source
from directory.store.query import Query
from kit.work import Record, Work

Listed = Literal[
    "crisis_plan",
    "crisis_document",
    "crisis_activation",
    "crisis_journal",
    "crisis_exercise",
    "crisis_lesson",
    "call_up",
    "vaccination_import",
]


async def listed(
    work: Work,
    table: Listed,
    filters: Sequence[tuple[str, Any]],
    *,
    until: datetime | None = None,
    after: UUID | None = None,
    newest_first: bool = True,
    limit: int,
) -> list[Record]:
    """Rows of the territory that meet the filters (`("type = ?", value)`; None asks nothing), as they were made."""
    query = Query()
    rows = source(query, table, work.territory, until)
    conditions = [query.bind("territory = ?", work.territory)]
    conditions += [query.bind(sql, value) for sql, value in filters if value is not None]
    conditions += [query.bind("id < ?" if newest_first else "id > ?", after)] if after else []
    tail = query.bind(f"ORDER BY id {'DESC' if newest_first else 'ASC'} LIMIT ?", limit)
    return await work.fetch(f"SELECT * FROM {rows} r WHERE {' AND '.join(conditions)} {tail}", *query.args)


async def plan(work: Work, plan_id: UUID, until: datetime | None) -> Record | None:
    """A plan as it is, or was before `until`."""
    query = Query()
    rows = source(query, "crisis_plan", work.territory, until)
    where = query.bind("territory = ? AND id = ?", work.territory, plan_id)
    return await work.fetchrow(f"SELECT * FROM {rows} r WHERE {where}", *query.args)


async def versions(work: Work, plan_id: UUID, before: int | None = None, limit: int = 1) -> list[Record]:
    """The adopted versions of a plan, the latest first."""
    return await work.fetch(
        "SELECT * FROM crisis_plan_version WHERE territory = $1 AND plan_id = $2 "
        "AND ($3::integer IS NULL OR number < $3) ORDER BY number DESC LIMIT $4",
        work.territory,
        plan_id,
        before,
        limit,
    )


async def running(work: Work, plan_id: UUID) -> bool:
    """Whether the plan is in force now."""
    found: bool = await work.fetchval(
        "SELECT EXISTS (SELECT FROM crisis_activation WHERE plan_id = $1 AND ended_at IS NULL)", plan_id
    )
    return found


async def counts(work: Work, until: datetime | None) -> list[Record]:
    """Plans that have been adopted and stand, by type."""
    query = Query()
    rows = source(query, "crisis_plan", work.territory, until)
    where = query.bind("territory = ? AND number > 0 AND state <> 'withdrawn'", work.territory)
    return await work.fetch(
        f"SELECT type, count(*) FROM {rows} r WHERE {where} GROUP BY type ORDER BY type", *query.args
    )


async def exercises(
    work: Work,
    *,
    state: str | None,
    plan_id: UUID | None,
    until: datetime | None,
    after: tuple[date, UUID] | None,
    limit: int,
) -> list[Record]:
    """Exercises, the latest first, each with how many lessons are open and overdue today."""
    query = Query()
    rows = source(query, "crisis_exercise", work.territory, until)
    conditions = [query.bind("e.territory = ?", work.territory)]
    conditions += [query.bind("e.state = ?", state)] if state else []
    conditions += [query.bind("e.plan_id = ?", plan_id)] if plan_id else []
    conditions += [query.bind("(e.planned_on, e.id) < (?, ?)", *after)] if after else []
    tail = query.bind("ORDER BY e.planned_on DESC, e.id DESC LIMIT ?", limit)
    return await work.fetch(
        "SELECT e.*, (SELECT count(*) FROM crisis_lesson l WHERE l.exercise_id = e.id AND l.state = 'open') "
        f"AS open_lessons FROM {rows} e WHERE {' AND '.join(conditions)} {tail}",
        *query.args,
    )


async def lessons(
    work: Work,
    *,
    state: str | None,
    due_before: date | None,
    of: tuple[str, UUID] | None,
    until: datetime | None,
    after: tuple[date, UUID] | None,
    limit: int,
) -> list[Record]:
    """Lessons by the day on which they are due. `of`: `exercise_id` or `activation_id`, and which."""
    query = Query()
    rows = source(query, "crisis_lesson", work.territory, until)
    conditions = [query.bind("territory = ?", work.territory)]
    conditions += [query.bind("state = ?", state)] if state else []
    conditions += [query.bind("due_on < ?", due_before)] if due_before else []
    conditions += [query.bind(f"{of[0]} = ?", of[1])] if of else []
    conditions += [query.bind("(due_on, id) > (?, ?)", *after)] if after else []
    tail = query.bind("ORDER BY due_on, id LIMIT ?", limit)
    return await work.fetch(f"SELECT * FROM {rows} r WHERE {' AND '.join(conditions)} {tail}", *query.args)


async def participants(work: Work, rpps: Sequence[str], finess: Sequence[str]) -> tuple[list[Record], set[str]]:
    """Of these, the professionals (rpps, profession) and the structures that the directory has."""
    people = await work.fetch(
        "SELECT rpps, profession FROM professional WHERE rpps = ANY ($1) ORDER BY rpps", list(rpps)
    )
    known = await work.fetch("SELECT finess FROM structure WHERE finess = ANY ($1)", list(finess))
    return people, {row["finess"] for row in known}
