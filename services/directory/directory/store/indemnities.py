"""Rows of declared time."""

from datetime import date
from typing import Any
from uuid import UUID

from directory.store.workforce import SELF_EMPLOYED
from kit import rows
from kit.work import Record, Work

TABLE = "indemnity"


async def search(
    work: Work, *, rpps: str | None, state: str | None, year: int | None, after: UUID | None, limit: int | None
) -> list[Record]:
    """In the order of declaration."""
    filters: list[tuple[Any, ...]] = [("rpps = ?", rpps), ("state = ?", state)]
    filters += [("day >= ? AND day < ?", date(year, 1, 1), date(year + 1, 1, 1))] if year else []
    return await rows.listed(work, TABLE, filters, after=after, limit=limit)


async def standing(work: Work, rpps: str, day: date, year: int) -> Record | None:
    """What the conditions ask of the member on that day: private practice, convention, fee of the year."""
    return await work.fetchrow(
        "SELECT coalesce(m.convention_signed_on <= $3, false) AS convention, f.paid_on IS NOT NULL AS fee_paid, "
        "EXISTS (SELECT FROM activity a WHERE a.rpps = m.rpps AND a.mode = $5) AS private_practice "
        "FROM member m LEFT JOIN member_fee f ON f.territory = m.territory AND f.member_id = m.id AND f.year = $4 "
        "WHERE m.territory = $1 AND m.rpps = $2 AND m.joined_on <= $3 AND (m.left_on IS NULL OR m.left_on > $3)",
        *(work.territory, rpps, day, year, SELF_EMPLOYED),
    )
