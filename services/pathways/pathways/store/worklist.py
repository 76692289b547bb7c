"""Lists of steps for desks: what is due, and what is overdue. Only the conditions that were asked for are there."""

from collections.abc import Sequence
from datetime import datetime

from kit.query import Query
from kit.work import Record, Work
from pathways.domain.replanning import StepState
from pathways.store.standing import Sight

Filter = tuple[str, object]
"""A condition on `step` or `enrolment`, with a `?`, and its value; one without value asks nothing."""
_JOINED = "step JOIN enrolment ON enrolment.id = step.enrolment_id"
_SELECT = f"SELECT step.*, enrolment.template, enrolment.patient_id FROM {_JOINED}"
# An index knows it of overdue steps; one that became so before there was the column asks its enrolment.
PATHWAY = "coalesce(step.pathway, (SELECT e.template FROM enrolment e WHERE e.id = step.enrolment_id))"
"""The pathway of an overdue step, in a condition of `counted`."""
_COUNTS = f"""
SELECT step.gravity, {PATHWAY} AS template,
       CASE WHEN step.due_at >= ? THEN 'week' WHEN step.due_at >= ? THEN 'month' ELSE 'older' END AS age,
       count(*) AS steps, count(*) FILTER (WHERE step.rung > 0) AS escalated
"""


async def several(
    work: Work,
    sight: Sight,
    states: Sequence[StepState],
    filters: Sequence[Filter],
    *,
    order: Sequence[str] = ("due_at", "id"),
    after: tuple[object, ...] | None,
    limit: int,
) -> list[Record]:
    """Steps in these states that the caller may see, in the order of these columns; the access rules are part of it.

    Whoever sees the territory reads the start of an index of it; whoever sees their own patients, that of each of them.
    """
    if not states:
        return []
    query = Query()
    conditions = _conditions(query, states, filters)
    if after:
        beyond = f"({_columns('step', order)}) > ({', '.join('?' for _ in order)})"
        conditions.append(query.bind(beyond, *after))
    page = query.bind("LIMIT ?", limit)
    if not sight.everything:
        return await work.fetch(_of_own(query, sight, conditions, order, page), *query.args)
    conditions.append(query.bind("step.territory = ?", work.territory))
    conditions.append(sight.condition(len(query.args) + 1, enrolment="step.enrolment_id"))
    where = " AND ".join(conditions)
    return await work.fetch(
        f"{_SELECT} WHERE {where} ORDER BY {_columns('step', order)} {page}", *query.args, *sight.args
    )


async def counted(
    work: Work, sight: Sight, filters: Sequence[Filter], *, week: datetime, month: datetime
) -> list[Record]:
    """How many overdue steps the caller may see, by gravity, pathway and age: due since then, or before."""
    query = Query()
    select = query.bind(_COUNTS, week, month)
    conditions = [*_conditions(query, ["overdue"], filters), query.bind("step.territory = ?", work.territory)]
    conditions.append(sight.condition(len(query.args) + 1, enrolment="step.enrolment_id"))
    where = " AND ".join(conditions)
    return await work.fetch(
        f"{select} FROM step WHERE {where} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3", *query.args, *sight.args
    )


def _conditions(query: Query, states: Sequence[StepState], filters: Sequence[Filter]) -> list[str]:
    # Written into the statement, as a partial index is only taken for states that are known when it is planned.
    listed = ", ".join(f"'{state}'" for state in states)
    return [f"step.state IN ({listed})", *(query.bind(sql, value) for sql, value in filters if value is not None)]


def _of_own(query: Query, sight: Sight, conditions: list[str], order: Sequence[str], page: str) -> str:
    own = sight.own(len(query.args) + 1)
    query.args.extend(sight.args)
    # The limit inside is a fence: the planner may not turn this into a walk through the territory.
    each = (
        f"{_SELECT} WHERE step.enrolment_id = mine.id AND {' AND '.join(conditions)} "
        f"ORDER BY {_columns('step', order)} {page}"
    )
    return (
        f"SELECT found.* FROM unnest({own}) AS mine (id) CROSS JOIN LATERAL ({each}) AS found "
        f"ORDER BY {_columns('found', order)} {page}"
    )


def _columns(table: str, names: Sequence[str]) -> str:
    return ", ".join(f"{table}.{name}" for name in names)
