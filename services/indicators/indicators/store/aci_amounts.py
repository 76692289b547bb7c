"""Amounts of the agreement (ACI) that a territory entered: every entry stays, the latest of a day holds."""

from datetime import date, datetime
from typing import Any

import orjson

from kit import rows
from kit.work import Record, Work


async def lock(work: Work) -> int:
    """One entry of the territory at a time; answers how many there are."""
    await work.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"aci-amounts:{work.territory}")
    return await entered(work, None)


async def entered(work: Work, until: datetime | None) -> int:
    """How many entries there are, or were before `until`."""
    count = await work.fetchval(
        "SELECT coalesce(max(number), 0) FROM aci_amounts "
        "WHERE territory = $1 AND ($2::timestamptz IS NULL OR entered_at < $2)",
        *(work.territory, until),
    )
    return int(count)


async def holding(work: Work, day: date, until: datetime | None = None) -> Record | None:
    """What holds on a day, by what was entered before `until`; None before the first."""
    return await work.fetchrow(
        "SELECT * FROM aci_amounts WHERE territory = $1 AND valid_from <= $2 "
        "AND ($3::timestamptz IS NULL OR entered_at < $3) ORDER BY valid_from DESC, number DESC LIMIT 1",
        *(work.territory, day, until),
    )


async def listed(work: Work, before: int | None, limit: int) -> list[Record]:
    """Every entry, the latest first, from below the number `before`."""
    after = None if before is None else [before]
    return await rows.listed(work, "aci_amounts", [], order=("number",), latest_first=True, after=after, limit=limit)


async def add(work: Work, number: int, by: str, *, valid_from: date, source: str, amounts: dict[str, Any]) -> Record:
    """Entry `number`, for the day and all after it until the next."""
    (row,) = await work.fetch(
        "INSERT INTO aci_amounts (territory, number, valid_from, source, amounts, entered_by, entered_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *",
        *(work.territory, number, valid_from, source, orjson.dumps(amounts).decode(), by, work.now),
    )
    return row
