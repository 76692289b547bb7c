"""Finding communes by name, postal code or distance."""

from collections.abc import Sequence

from directory.store import communes
from directory.usecases.locate import Where, around
from directory.usecases.searched_name import place_name
from kit.problems import or_404
from kit.work import Record, Work


async def search_communes(
    work: Work,
    *,
    name: str | None = None,
    postal_code: str | None = None,
    where: Where,
    after: Sequence[object] | None = None,
    limit: int,
) -> list[Record]:
    """Answers up to `limit` + 1: the nearest first when there is a point, else the biggest. Raises Problem 422."""
    return await communes.search(
        work,
        name=place_name(name),
        postal_code=postal_code,
        around=await around(work, where),
        after=after,
        limit=limit + 1,
    )


async def show_commune(work: Work, code: str) -> Record:
    """The commune of today behind a code, be it an old one or an arrondissement's. Raises Problem 404."""
    return or_404(await communes.find(work, code), "commune_unknown", f"No commune has or had the INSEE code {code}")
