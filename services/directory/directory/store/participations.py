"""Who takes part in unscheduled care. Row-level security keeps each territory to its own rows."""

from kit.work import Record, Work

_COLUMNS = "territory, rpps, participates, version, changed_at"


async def find(work: Work, rpps: str, *, lock: bool = False) -> Record | None:
    """The row of this professional on the territory of the transaction."""
    return await work.fetchrow(
        f"SELECT {_COLUMNS} FROM participation WHERE territory = $1 AND rpps = $2" + (" FOR UPDATE" if lock else ""),
        work.territory,
        rpps,
    )


async def change(work: Work, rpps: str, participates: bool, by: str) -> Record | None:
    """Stores the choice. Answers the new row, or None when it stood so already."""
    return await work.fetchrow(
        "INSERT INTO participation AS t (territory, rpps, participates, version, changed_at, changed_by) "
        "VALUES ($1, $2, $3, 1, $4, $5) ON CONFLICT (territory, rpps) DO UPDATE SET "
        "participates = excluded.participates, version = t.version + 1, "
        "changed_at = excluded.changed_at, changed_by = excluded.changed_by "
        f"WHERE t.participates <> excluded.participates RETURNING {_COLUMNS}",
        work.territory,
        rpps,
        participates,
        work.now,
        by,
    )
