"""Adding and changing a tenant row by its id: its stamps (`version`, `changed_at`, `changed_by`) come by themselves.

Names of tables and columns are written in the code, never taken from a request.
"""

from typing import Any
from uuid import UUID

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


async def find(work: Work, table: str, row_id: UUID, *, lock: bool = False) -> Record | None:
    """A row of the territory; with `lock` for this transaction alone."""
    statement = f"SELECT * FROM {table} WHERE territory = $1 AND id = $2" + (" FOR UPDATE" if lock else "")
    return await work.fetchrow(statement, work.territory, row_id)
