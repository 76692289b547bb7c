"""Whom other services are told of: the followed départements, and persons of whom a territory speaks."""

from collections.abc import Iterable, Sequence

from directory.domain.following import Following
from kit.work import Record, Work


async def departments(work: Work) -> Following:
    """The départements of the territories of this deployment."""
    return Following(frozenset(row["department"] for row in await work.fetch("SELECT * FROM followed_department")))


async def register(work: Work, following: Following) -> None:
    """Takes these as the followed ones. Who stands in a new one already will be told of, one after the other."""
    codes = sorted(following.departments)
    await work.execute("DELETE FROM followed_department WHERE department <> ALL($1)", codes)
    await work.execute(
        "INSERT INTO followed_department SELECT d, CASE WHEN EXISTS (SELECT FROM professional) THEN '' END, "
        "CASE WHEN EXISTS (SELECT FROM structure) THEN '' END FROM unnest($1::text[]) d ON CONFLICT DO NOTHING",
        codes,
    )


async def spoken_of(work: Work, persons: Sequence[str]) -> set[str]:
    """Those of these persons of whom a territory says something."""
    rows = await work.fetch(
        "SELECT rpps FROM participation WHERE rpps = ANY($1) UNION "
        "SELECT rpps FROM acceptance WHERE rpps = ANY($1) UNION SELECT about FROM statement WHERE about = ANY($1)",
        list(persons),
    )
    return {row["rpps"] for row in rows}


async def places(work: Work, persons: Iterable[str]) -> list[Record]:
    """Where these persons practise: (rpps, commune, postal_code)."""
    return await work.fetch("SELECT rpps, commune, postal_code FROM activity WHERE rpps = ANY($1)", list(persons))


async def to_tell(work: Work) -> Record | None:
    """A département that is new among the followed, for this transaction alone."""
    return await work.fetchrow(
        "SELECT * FROM followed_department WHERE persons_up_to IS NOT NULL OR structures_up_to IS NOT NULL "
        "ORDER BY department LIMIT 1 FOR UPDATE SKIP LOCKED"
    )


async def told(work: Work, department: str, persons_up_to: str | None, structures_up_to: str | None) -> None:
    """Notes how far those of a département were told; None when all were."""
    await work.execute(
        "UPDATE followed_department SET persons_up_to = $2, structures_up_to = $3 WHERE department = $1",
        department,
        persons_up_to,
        structures_up_to,
    )


async def persons_of(work: Work, department: str, after: str, limit: int) -> list[str]:
    """The next listed persons who practise in a département, by number."""
    rows = await work.fetch(
        "SELECT DISTINCT rpps FROM search_entry WHERE facet = '*' AND place >= $1 AND place < $1 || ':' "
        "AND rpps > $2 ORDER BY rpps LIMIT $3",
        department,
        after,
        limit,
    )
    return [row["rpps"] for row in rows]


async def structures_of(work: Work, department: str, after: str, limit: int) -> list[str]:
    """The next structures of a département, by number."""
    rows = await work.fetch(
        "SELECT finess FROM structure WHERE commune >= $1 AND commune < $1 || ':' AND finess > $2 "
        "ORDER BY finess LIMIT $3",
        department,
        after,
        limit,
    )
    return [row["finess"] for row in rows]
