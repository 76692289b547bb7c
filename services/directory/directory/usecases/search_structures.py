"""Finding structures by name, place and distance."""

from collections.abc import Sequence

from directory.store import structures
from directory.usecases.load_reference import Reference
from directory.usecases.locate import Where, around, within
from directory.usecases.searched_name import person_name
from kit.problems import Problem
from kit.work import Record, Work


async def search_structures(
    work: Work,
    reference: Reference,
    *,
    name: str | None = None,
    category: str | None = None,
    where: Where,
    after: Sequence[object] | None = None,
    limit: int,
) -> list[Record]:
    """Answers up to `limit` + 1: the nearest first when there is a point, else by name. Raises Problem 422."""
    return await structures.search(
        work,
        name=person_name(name),
        category=category,
        communes=await within(work, where, reference),
        around=await around(work, where),
        after=after,
        limit=limit + 1,
    )


async def show_structure(work: Work, finess: str) -> Record:
    """The structure of this FINESS number. Raises Problem 404."""
    row = await structures.find(work, finess)
    if row is None:
        raise Problem(404, "structure_unknown", f"The directory has no structure with the FINESS number {finess}")
    return row
