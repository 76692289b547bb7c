"""Who takes part in unscheduled care. Row-level security keeps each territory to its own rows."""

from datetime import datetime

from directory.store.query import Query
from kit.history import source
from kit.work import Record, Work

_COLUMNS = "territory, rpps, participates, version, changed_at"


async def find(work: Work, rpps: str, *, lock: bool = False, until: datetime | None = None) -> Record | None:
    """The row of this professional on the territory of the transaction, as it was before `until` when given."""
    query = Query()
    rows = source(query, "participation", work.territory, until)
    found = query.bind("territory = ? AND rpps = ?", work.territory, rpps)
    return await work.fetchrow(
        f"SELECT {_COLUMNS} FROM {rows} p WHERE {found}" + (" FOR UPDATE" if lock else ""), *query.args
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
