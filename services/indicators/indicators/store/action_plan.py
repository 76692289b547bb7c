"""Notes of maturity and progress. `until`: only what was noted before that instant."""

from datetime import datetime
from typing import Any

from kit import rows
from kit.work import Record, Work

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


async def lock(work: Work, sheet: str) -> None:
    """One note of a sheet at a time, until the end of the transaction."""
    await work.execute(_LOCK, f"action-plan:{work.territory}:{sheet}")


async def levels(work: Work, until: datetime | None, sheet: str | None = None) -> dict[str, Record]:
    """The latest note of maturity of each sheet that has one (or of `sheet`), by sheet."""
    found = await work.fetch(
        "SELECT DISTINCT ON (sheet) * FROM maturity_note WHERE territory = $1 AND ($2::text IS NULL OR sheet = $2) "
        "AND ($3::timestamptz IS NULL OR noted_at < $3) ORDER BY sheet, number DESC",
        *(work.territory, sheet, until),
    )
    return {row["sheet"]: row for row in found}


async def states(work: Work, until: datetime | None, sheet: str | None = None) -> dict[str, Record]:
    """The latest note that gave a state to each step (of `sheet`), by step."""
    found = await work.fetch(
        "SELECT DISTINCT ON (step) * FROM progress_note WHERE territory = $1 AND ($2::text IS NULL OR sheet = $2) "
        "AND state IS NOT NULL AND ($3::timestamptz IS NULL OR noted_at < $3) ORDER BY step, number DESC",
        *(work.territory, sheet, until),
    )
    return {row["step"]: row for row in found}


async def latest_notes(work: Work, until: datetime | None) -> dict[str, Record]:
    """The latest note on each step, with or without a state, by step."""
    found = await work.fetch(
        "SELECT DISTINCT ON (step) * FROM progress_note WHERE territory = $1 AND step IS NOT NULL "
        "AND ($2::timestamptz IS NULL OR noted_at < $2) ORDER BY step, number DESC",
        *(work.territory, until),
    )
    return {row["step"]: row for row in found}


async def notes(
    work: Work, table: str, sheet: str, *, until: datetime | None = None, before: int | None = None, limit: int | None
) -> list[Record]:
    """Lines of `maturity_note` or `progress_note` of a sheet, the latest first, from below the number `before`."""
    filters = [("sheet = ?", sheet), ("noted_at < ?", until)]
    after = None if before is None else [before]
    return await rows.listed(work, table, filters, order=("number",), latest_first=True, after=after, limit=limit)


async def add(work: Work, table: str, sheet: str, by: str, **values: Any) -> Record:
    """The next note of a sheet that the transaction has locked."""
    stamps = {"id": work.new_id(), "territory": work.territory, "sheet": sheet, "noted_by": by, "noted_at": work.now}
    columns = stamps | values
    marks = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
    (row,) = await work.fetch(
        f"INSERT INTO {table} ({', '.join(columns)}, number) SELECT {marks}, coalesce(max(number), 0) + 1 "
        f"FROM {table} WHERE territory = $2 AND sheet = $3 RETURNING *",
        *columns.values(),
    )
    return row
