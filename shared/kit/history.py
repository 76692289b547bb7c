"""What tenant rows were (kit/ddl.py `history`): changes as a list, and any table as it was at an instant."""

from datetime import datetime

from kit.query import Query
from kit.work import Record, Work


def source(query: Query, table: str, territory: str, until: datetime | None) -> str:
    """What stands after FROM for a tenant table: the table, or its rows as they were before `until`.

    A statement written over it answers today and the past alike. Columns that history hides are null in the past.
    """
    if until is None:
        return table
    latest = query.bind(
        "SELECT DISTINCT ON (key) after FROM change WHERE territory = ? AND entity = ? AND changed_at < ? "
        "ORDER BY key, version DESC",
        territory,
        table,
        until,
    )
    return f"(SELECT r.* FROM ({latest}) h, jsonb_populate_record(NULL::{table}, h.after) r)"


async def changes(
    work: Work, *, entity: str | None, key: str | None, before_id: int | None, limit: int
) -> list[Record]:
    """Changes on the territory of the transaction, the latest first."""
    query = Query()
    conditions = [query.bind("territory = ?", work.territory)]
    conditions += [query.bind("entity = ?", entity)] if entity else []
    conditions += [query.bind("key = ?", key)] if key else []
    conditions += [query.bind("id < ?", before_id)] if before_id else []
    limited = query.bind("ORDER BY id DESC LIMIT ?", limit)
    return await work.fetch(f"SELECT * FROM change WHERE {' AND '.join(conditions)} {limited}", *query.args)
