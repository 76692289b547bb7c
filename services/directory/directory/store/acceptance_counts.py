"""General practitioners of a territory and those of them who accept new patients, as counted day by day."""

from collections.abc import Collection, Sequence
from datetime import date

from directory.domain.facets import facet
from kit.work import Record, Work

_ASKED = facet(None, "general-practice")
_NOW = """
SELECT coalesce(array_agg(rpps ORDER BY rpps), '{}') AS general_practitioners,
       coalesce(array_agg(rpps ORDER BY rpps) FILTER (WHERE accepts), '{}') AS accepting,
       EXISTS (SELECT FROM acceptance WHERE territory = $1) AS begun
  FROM (SELECT p.rpps, EXISTS (SELECT FROM acceptance a WHERE a.territory = $1 AND a.rpps = p.rpps AND a.accepts
                               AND a.valid_until >= $2) AS accepts
          FROM professional p
         WHERE p.listed
           AND p.rpps IN (SELECT rpps FROM search_entry WHERE place = ANY ($3) AND facet = $6)
           AND EXISTS (SELECT FROM activity v WHERE v.rpps = p.rpps AND v.commune = ANY ($3)
                       AND (v.mode = ANY ($4) OR v.sector = ANY ($5)))) g
"""


async def counted_now(
    work: Work, today: date, communes: Sequence[str], modes: Collection[str], sectors: Collection[str]
) -> Record:
    """Numbers of those who practise in these communes, in a mode or sector where somebody is a *médecin traitant*.

    `begun`: the territory has asked, so that nobody who accepts means nobody, and not that nobody knows.
    """
    row = await work.fetchrow(_NOW, work.territory, today, list(communes), list(modes), list(sectors), _ASKED)
    assert row is not None  # noqa: S101
    return row


async def latest(work: Work) -> Record | None:
    """What was counted last on the territory of the transaction."""
    return await work.fetchrow(
        "SELECT day, general_practitioners, accepting FROM acceptance_count WHERE territory = $1 "
        "ORDER BY day DESC LIMIT 1",
        work.territory,
    )


async def keep(work: Work, day: date, counted: Record, by: str) -> Record | None:
    """The count of a day; None when it has one."""
    return await work.fetchrow(
        "INSERT INTO acceptance_count (id, territory, day, general_practitioners, accepting, version, changed_at, "
        "changed_by) VALUES ($1, $2, $3, $4, $5, 1, $6, $7) ON CONFLICT (territory, day) DO NOTHING RETURNING *",
        work.new_id(),
        work.territory,
        day,
        counted["general_practitioners"],
        counted["accepting"],
        work.now,
        by,
    )
