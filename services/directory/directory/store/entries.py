"""Rows that a territory keeps by itself and that end: the statements that roles, care teams and resources share."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from directory.domain.as_of import standing_day
from kit import rows
from kit.work import Record, Work

Entries = Literal["role_held", "care_team", "care_team_member", "resource"]


async def add(work: Work, table: Entries, values: Mapping[str, Any], by: str) -> Record | None:
    """A new row of version 1; None where there may be one only and it is there."""
    row = {**values, "id": work.new_id(), "territory": work.territory, "version": 1}
    kept = {**row, "changed_at": work.now, "changed_by": by}
    return await work.fetchrow(
        f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, $1::text::jsonb) "
        "ON CONFLICT DO NOTHING RETURNING *",
        json.dumps(kept, default=str),
    )


async def replace(work: Work, table: Entries, entry: UUID, values: Mapping[str, Any], by: str) -> Record:
    """The row with these values in place of what it had."""
    columns = ", ".join(values)
    changed = await work.fetchrow(
        f"UPDATE {table} SET ({columns}, version, changed_at, changed_by) = (SELECT {columns}, {table}.version + 1, "
        f"$3::timestamptz, $4::text FROM jsonb_populate_record(NULL::{table}, $2::text::jsonb)) "
        "WHERE id = $1 RETURNING *",
        entry,
        json.dumps(values, default=str),
        work.now,
        by,
    )
    assert changed is not None  # noqa: S101
    return changed


async def listed(
    work: Work,
    table: Entries,
    filters: Sequence[tuple[Any, ...]],
    *,
    current: bool | None,
    order: Sequence[str] = ("id",),
    until: datetime | None,
    after: Sequence[object] | None,
    limit: int | None,
) -> list[Record]:
    """Rows that meet the filters (see `rows.listed`). `current`: not ended on that day."""
    standing = ("(ended_on IS NULL OR ended_on >= ?) = ?", standing_day(work.now, until), current)
    return await rows.listed(work, table, [*filters, standing], order=order, until=until, after=after, limit=limit)


async def end(work: Work, table: Entries, entry: UUID, on: date, by: str) -> Record:
    """The row, ended on that day."""
    return await replace(work, table, entry, {"ended_on": on}, by)


async def end_members(work: Work, team: UUID, on: date, by: str) -> None:
    """The members of a care team leave on its last day at the latest."""
    await work.execute(
        "UPDATE care_team_member SET ended_on = greatest($2, since), version = version + 1, changed_at = $3, "
        "changed_by = $4 WHERE team_id = $1 AND ended_on IS NULL",
        team,
        on,
        work.now,
        by,
    )
