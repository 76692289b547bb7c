"""Who of a territory is self-employed (*libéral*), as counted day by day."""

from collections.abc import Sequence
from datetime import date

from directory.domain.facets import ANYONE
from kit.work import Record, Work

SELF_EMPLOYED = "L"
"""Mode of practice of TRE_R23: *libéral, indépendant, artisan, commerçant*."""


async def self_employed(work: Work, communes: Sequence[str]) -> list[str]:
    """RPPS numbers of listed professionals who practise in these communes in that mode, in order."""
    rows = await work.fetch(
        "SELECT DISTINCT p.rpps FROM search_entry s JOIN professional p ON p.rpps = s.rpps AND p.listed "
        "JOIN activity a ON a.rpps = s.rpps AND a.commune = s.place AND a.mode = $3 "
        "WHERE s.place = ANY ($1) AND s.facet = $2 ORDER BY p.rpps",
        list(communes),
        ANYONE,
        SELF_EMPLOYED,
    )
    return [row["rpps"] for row in rows]


async def has_roster(work: Work) -> bool:
    """Whether the territory has staffed anything: else nobody asks for the rates."""
    found: bool = await work.fetchval("SELECT EXISTS (SELECT FROM roster WHERE territory = $1)", work.territory)
    return found


async def latest(work: Work) -> Record | None:
    """What was counted last on the territory of the transaction."""
    return await work.fetchrow(
        "SELECT day, self_employed FROM workforce_count WHERE territory = $1 ORDER BY day DESC LIMIT 1", work.territory
    )


async def keep(work: Work, day: date, people: Sequence[str], by: str) -> Record | None:
    """The count of a day; None when it has one."""
    return await work.fetchrow(
        "INSERT INTO workforce_count (id, territory, day, self_employed, version, changed_at, changed_by) "
        "VALUES ($1, $2, $3, $4, 1, $5, $6) ON CONFLICT (territory, day) DO NOTHING RETURNING id",
        work.new_id(),
        work.territory,
        day,
        list(people),
        work.now,
        by,
    )
