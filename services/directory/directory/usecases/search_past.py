"""Finding professionals as they stood on a day, among named places."""

from collections.abc import Sequence
from datetime import datetime

from directory.store import search_past as store
from directory.store.search import Wanted
from directory.usecases.known_codes import check_profession
from directory.usecases.load_reference import Reference
from directory.usecases.locate import Where, around, within
from directory.usecases.search_professionals import Results, implied, with_activities
from directory.usecases.searched_name import person_name
from kit.problems import field_problem
from kit.work import Work


async def search_past(
    work: Work,
    reference: Reference,
    *,
    until: datetime,
    profession: str | None = None,
    specialty: str | None = None,
    name: str | None = None,
    snp: bool | None = None,
    where: Where,
    after: Sequence[object] | None = None,
    limit: int,
) -> Results:
    """Answers up to `limit` + 1 who were listed then. Raises Problem 422, also when no place bounds the search."""
    check_profession(reference.nomenclature, profession, specialty)
    wanted = Wanted(
        profession=None if implied(reference, profession, specialty) else profession,
        specialty=specialty,
        communes=await within(work, where, reference),
        around=await around(work, where),
        name=person_name(name),
        snp=snp,
    )
    if not wanted.placed:
        raise field_problem("at", "place_missing", "As of a day, a search needs `commune`, `territory` or `near`")
    rows = await store.search(work, wanted, until, after[1:] if after else None, limit + 1)
    return Results(await with_activities(work, rows, until), similar=False, ranked=wanted.around is not None)
