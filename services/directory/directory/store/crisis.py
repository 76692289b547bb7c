"""Crisis plans, activations, exercises and lessons: what the general adding and changing of rows does not do."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from directory.store.query import Query
from kit import rows
from kit.history import source
from kit.work import Record, Work


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
    plans = source(query, "crisis_plan", work.territory, until)
    where = query.bind("territory = ? AND number > 0 AND state <> 'withdrawn'", work.territory)
    return await work.fetch(
        f"SELECT type, count(*) FROM {plans} r WHERE {where} GROUP BY type ORDER BY type", *query.args
    )


async def exercises(
    work: Work,
    filters: Sequence[tuple[Any, ...]],
    *,
    until: datetime | None,
    after: tuple[date, UUID] | None,
    limit: int,
) -> list[Record]:
    """Exercises, the latest first, each with how many lessons are open today."""
    lessons = "(SELECT count(*) FROM crisis_lesson l WHERE l.exercise_id = r.id AND l.state = 'open') AS open_lessons"
    page: dict[str, Any] = {"until": until, "after": after, "limit": limit}
    order = ("planned_on", "id")
    return await rows.listed(
        work, "crisis_exercise", filters, columns=f"r.*, {lessons}", order=order, latest_first=True, **page
    )


async def participants(work: Work, rpps: Sequence[str], finess: Sequence[str]) -> tuple[list[Record], set[str]]:
    """Of these, the professionals (rpps, profession) and the structures that the directory has."""
    people = await work.fetch(
        "SELECT rpps, profession FROM professional WHERE rpps = ANY ($1) ORDER BY rpps", list(rpps)
    )
    known = await work.fetch("SELECT finess FROM structure WHERE finess = ANY ($1)", list(finess))
    return people, {row["finess"] for row in known}
