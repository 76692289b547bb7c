"""Breaks in care on the territory: steps that are overdue, by gravity and age."""

from kit.work import Record, Work
from pathways.domain.breaks import MONTH, WEEK, Order, due_since
from pathways.domain.dating import local_day
from pathways.store import worklist
from pathways.usecases.access import Access

ORDERS: dict[Order, tuple[str, ...]] = {"gravity": ("gravity", "due_at", "id"), "age": ("due_at", "id")}
"""Columns that each order goes by: the key of a page."""


async def list_breaks(
    work: Work,
    access: Access,
    *,
    gravity: int | None,
    template: str | None,
    role: str | None,
    late_days: int | None,
    escalated: bool | None,
    order: Order,
    after: tuple[object, ...] | None,
    limit: int,
) -> list[Record]:
    """One more than `limit` of the overdue steps that the caller may see. `late_days`: for so many days at least."""
    filters: list[worklist.Filter] = [
        ("step.gravity = ?", gravity),
        ("enrolment.template = ?", template),
        ("step.role = ?", role),
        ("step.due_at <= ?", None if late_days is None else due_since(local_day(work.now), late_days)),
        ("(step.rung > 0) = ?", escalated),
    ]
    columns = ORDERS[order]
    return await worklist.several(
        work, access.sight(), ["overdue"], filters, order=columns, after=after, limit=limit + 1
    )


async def count_breaks(work: Work, access: Access, template: str | None) -> list[Record]:
    """How many of them there are, by gravity, pathway and age."""
    today = local_day(work.now)
    since = {"week": due_since(today, WEEK), "month": due_since(today, MONTH)}
    return await worklist.counted(work, access.sight(), [(f"{worklist.PATHWAY} = ?", template)], **since)
