"""Adding, changing, finding and listing tenant rows; the stamps (`version`, `changed_at`, `changed_by`) are put here.

Names of tables and columns are written in the code, never taken from a request.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kit.history import source
from kit.query import Query
from kit.work import Record, Work


async def add(work: Work, table: str, by: str, **values: Any) -> Record:
    """Inserts a row with an id of its own on the territory of the transaction; answers it."""
    stamps = {"id": work.new_id(), "territory": work.territory, "version": 1, "changed_at": work.now, "changed_by": by}
    columns = stamps | values
    marks = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    (row,) = await work.fetch(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) RETURNING *", *columns.values()
    )
    return row


async def change(work: Work, table: str, row_id: UUID, by: str, **values: Any) -> Record:
    """Changes columns of a row that the caller has locked; answers it as it is then."""
    columns = values | {"changed_at": work.now, "changed_by": by}
    sets = ", ".join(f"{name} = ${number}" for number, name in enumerate(columns, start=3))
    (row,) = await work.fetch(
        f"UPDATE {table} SET {sets}, version = version + 1 WHERE territory = $1 AND id = $2 RETURNING *",
        *(work.territory, row_id, *columns.values()),
    )
    return row


async def find(
    work: Work, table: str, row_id: UUID, *, lock: bool = False, until: datetime | None = None
) -> Record | None:
    """A row of the territory, as it was before `until` when given; with `lock` for this transaction alone."""
    query = Query()
    rows = source(query, table, work.territory, until)
    key = query.bind("territory = ? AND id = ?", work.territory, row_id)
    return await work.fetchrow(f"SELECT * FROM {rows} r WHERE {key}" + " FOR UPDATE" * lock, *query.args)


async def listed(
    work: Work,
    table: str,
    filters: Sequence[tuple[Any, ...]],
    *,
    columns: str = "r.*",
    order: Sequence[str] = ("id",),
    latest_first: bool = False,
    until: datetime | None = None,
    after: UUID | Sequence[object] | None = None,
    limit: int | None,
) -> list[Record]:
    """Rows `r` of the territory that meet the filters, as they were before `until` when given.

    A filter is SQL and its values, as `("type = ?", value)`; one with a None asks nothing. `after`: the id, or what the
    last row of the page before has in the columns of the order.
    """
    query = Query()
    rows = source(query, table, work.territory, until)
    conditions = [query.bind("territory = ?", work.territory)]
    conditions += [query.bind(sql, *values) for sql, *values in filters if None not in values]
    if after:
        key = (after,) if isinstance(after, UUID) else after
        beyond = f"({', '.join(order)}) {'<' if latest_first else '>'} ({', '.join('?' for _ in key)})"
        conditions.append(query.bind(beyond, *key))
    by = ", ".join(f"{column} DESC" if latest_first else column for column in order)
    tail = query.bind(f"ORDER BY {by} LIMIT ?", limit)
    return await work.fetch(f"SELECT {columns} FROM {rows} r WHERE {' AND '.join(conditions)} {tail}", *query.args)
