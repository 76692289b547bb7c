"""Rows of shared funding."""

import json
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from directory.domain.funding import Given
from kit.work import Record, Work

TABLE = "funding_share"


async def add_lines(work: Work, share_id: UUID, given: Sequence[Given], by: str) -> None:
    """What each member gets."""
    await work.executemany(
        "INSERT INTO funding_line (territory, share_id, member_id, amount, exact, slices, version, changed_at, "
        "changed_by) VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8)",
        [(work.territory, share_id, it.member_id, it.amount, str(it.exact), _slices(it), work.now, by) for it in given],
    )


async def lines(work: Work, share_id: UUID, replaces_id: UUID | None) -> list[Record]:
    """Lines with names, and the amount that each member had in the edition before; who had one and has none too."""
    return await work.fetch(
        "SELECT coalesce(l.member_id, o.member_id) AS member_id, l.amount, l.exact, l.slices::text AS slices, "
        "o.amount AS before, m.rpps, m.college, m.category, p.name, m.name_sealed AS sealed "
        "FROM (SELECT * FROM funding_line WHERE territory = $1 AND share_id = $2) l "
        "FULL JOIN (SELECT * FROM funding_line WHERE territory = $1 AND share_id = $3) o USING (member_id) "
        "JOIN member m ON m.territory = $1 AND m.id = coalesce(l.member_id, o.member_id) "
        "LEFT JOIN professional p ON p.rpps = m.rpps ORDER BY 1",
        *(work.territory, share_id, replaces_id),
    )


async def minutes(work: Work, first: date, last: date, missions: Sequence[str]) -> dict[str, int]:
    """Validated minutes of the period by RPPS number, as corrected."""
    rows = await work.fetch(
        "SELECT i.rpps, sum(coalesce(c.minutes, i.minutes))::int AS minutes FROM indemnity i LEFT JOIN LATERAL ("
        "SELECT minutes FROM indemnity_correction c WHERE c.territory = i.territory AND c.indemnity_id = i.id "
        "ORDER BY c.id DESC LIMIT 1) c ON true WHERE i.territory = $1 AND i.state IN ('approved', 'paid') "
        "AND i.day BETWEEN $2 AND $3 AND (cardinality($4::text[]) = 0 OR i.mission = ANY($4)) GROUP BY 1",
        *(work.territory, first, last, list(missions)),
    )
    return {row["rpps"]: row["minutes"] for row in rows}


async def next_number(work: Work) -> int:
    """The next number of the territory, held back from everyone else until the end of the transaction."""
    await work.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", f"funding:{work.territory}")
    return int(
        await work.fetchval(
            "SELECT coalesce(max(number), 0) + 1 FROM funding_share WHERE territory = $1", work.territory
        )
    )


async def replaced(work: Work, share_id: UUID) -> bool:
    """Whether an approved edition follows it."""
    found: bool = await work.fetchval(
        "SELECT EXISTS (SELECT FROM funding_share WHERE territory = $1 AND replaces_id = $2 AND state = 'approved')",
        *(work.territory, share_id),
    )
    return found


def _slices(given: Given) -> str:
    names = ("key", "weight", "whole")
    return json.dumps(
        [
            {name: getattr(it, name) for name in names} | {"share": str(it.share), "exact": str(it.exact)}
            for it in given.slices
        ]
    )
