"""Rows of declared time."""

from datetime import date
from typing import Any
from uuid import UUID

from directory.store.query import Query
from kit.work import Record, Work


async def add(work: Work, values: dict[str, Any], by: str) -> UUID:
    """Time declared, version 1."""
    indemnity_id = work.new_id()
    await work.execute(
        "INSERT INTO indemnity (territory, id, rpps, profession, mission, day, minutes, late, state, declared_by, "
        "version, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $10, 'declared', $8, 1, $9, $8)",
        *(work.territory, indemnity_id, values["rpps"], values["profession"], values["mission"]),
        *(values["day"], values["minutes"], by, work.now, values["late"]),
    )
    return indemnity_id


async def find(work: Work, indemnity_id: UUID, *, lock: bool = False) -> Record | None:
    """One declaration."""
    statement = "SELECT * FROM indemnity WHERE territory = $1 AND id = $2" + (" FOR UPDATE" if lock else "")
    return await work.fetchrow(statement, work.territory, indemnity_id)


async def search(
    work: Work, *, rpps: str | None, state: str | None, year: int | None, after: UUID | None, limit: int | None
) -> list[Record]:
    """In the order of declaration."""
    query = Query()
    conditions = [query.bind("territory = ?", work.territory)]
    conditions += [query.bind("rpps = ?", rpps)] if rpps else []
    conditions += [query.bind("state = ?", state)] if state else []
    conditions += [query.bind("day >= ? AND day < ?", date(year, 1, 1), date(year + 1, 1, 1))] if year else []
    conditions += [query.bind("id > ?", after)] if after else []
    limited = query.bind("ORDER BY id LIMIT ?", limit)
    return await work.fetch(f"SELECT * FROM indemnity WHERE {' AND '.join(conditions)} {limited}", *query.args)


async def change(work: Work, indemnity_id: UUID, values: dict[str, Any], by: str) -> None:
    """Changes these columns; the version counts up."""
    query = Query()
    sets = ", ".join(query.bind(f"{name} = ?", value) for name, value in values.items())
    stamped = query.bind("version = version + 1, changed_at = ?, changed_by = ?", work.now, by)
    where = query.bind("territory = ? AND id = ?", work.territory, indemnity_id)
    await work.execute(f"UPDATE indemnity SET {sets}, {stamped} WHERE {where}", *query.args)


async def standing(work: Work, rpps: str, day: date, year: int) -> Record | None:
    """What the conditions ask of the member on that day: private practice, convention, fee of the year."""
    return await work.fetchrow(
        "SELECT coalesce(m.convention_signed_on <= $3, false) AS convention, f.paid_on IS NOT NULL AS fee_paid, "
        "EXISTS (SELECT FROM activity a WHERE a.rpps = m.rpps AND a.mode = 'L') AS private_practice "
        "FROM member m LEFT JOIN member_fee f ON f.territory = m.territory AND f.member_id = m.id AND f.year = $4 "
        "WHERE m.territory = $1 AND m.rpps = $2 AND m.joined_on <= $3 AND (m.left_on IS NULL OR m.left_on > $3)",
        *(work.territory, rpps, day, year),
    )
