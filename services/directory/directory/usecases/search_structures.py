"""Finding structures by name, place and distance."""

from collections.abc import Sequence
from datetime import datetime

from directory.store import structures
from directory.usecases.load_reference import Reference
from directory.usecases.locate import Where, around, within
from directory.usecases.searched_name import person_name
from kit.problems import Problem, field_problem
from kit.work import Record, Work


async def search_structures(
    work: Work,
    reference: Reference,
    *,
    name: str | None = None,
    category: str | None = None,
    where: Where,
    listed: bool = True,
    until: datetime | None = None,
    after: Sequence[object] | None = None,
    limit: int,
) -> list[Record]:
    """Answers up to `limit` + 1: the nearest first when there is a point, else by name.

    Raises Problem 422, also for a search of the past that no place bounds.
    """
    communes, point = await within(work, where, reference), await around(work, where)
    if until is not None and communes is None and point is None:
        raise field_problem("at", "place_missing", "As of a day, a search needs `commune`, `territory` or `near`")
    return await structures.search(
        work,
        name=person_name(name),
        category=category,
        communes=communes,
        around=point,
        listed=listed,
        until=until,
        after=after,
        limit=limit + 1,
    )


async def show_structure(work: Work, finess: str, until: datetime | None = None) -> Record:
    """The structure of this FINESS number. Raises Problem 404, also for one that was not known yet."""
    row = await structures.find(work, finess, until)
    if row is None:
        then = " then" if until else ""
        raise Problem(404, "structure_unknown", f"The directory has no structure with the number {finess}{then}")
    return row
