"""Versions of published lists."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import orjson

from directory.domain.publications import Column, ListRow
from directory.store.query import Query
from kit.work import Record, Work

_COLUMNS = (
    "id, list, number, title, columns, files, row_count, added, gone, changed, previous_id, published_at, changed_by"
)


async def latest(work: Work, name: str) -> Record | None:
    """The version that stands, held back from everyone else who would number the next one."""
    await work.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"publication:{work.territory}:{name}")
    return await work.fetchrow(
        f"SELECT {_COLUMNS} FROM publication WHERE territory = $1 AND list = $2 ORDER BY number DESC LIMIT 1",
        work.territory,
        name,
    )


async def add(
    work: Work,
    publication_id: UUID,
    *,
    name: str,
    title: str,
    number: int,
    columns: Sequence[Column],
    files: Mapping[str, Mapping[str, object]],
    counts: Mapping[str, int],
    previous_id: UUID | None,
    by: str,
) -> Record:
    """One more version. `counts` are those of rows and of differences."""
    row = await work.fetchrow(
        "INSERT INTO publication (id, territory, list, number, title, columns, files, row_count, added, gone, changed, "
        "previous_id, published_at, version, changed_at, changed_by) "
        "VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8, $9, $10, $11, $12, $13, 1, $13, $14) "
        f"RETURNING {_COLUMNS}",
        publication_id,
        work.territory,
        name,
        number,
        title,
        orjson.dumps([{"name": column.name, "label": column.label} for column in columns]).decode(),
        orjson.dumps(files).decode(),
        counts["rows"],
        counts["added"],
        counts["gone"],
        counts["changed"],
        previous_id,
        work.now,
        by,
    )
    assert row is not None  # noqa: S101
    return row


async def add_rows(work: Work, publication_id: UUID, rows: Sequence[ListRow]) -> None:
    """Freezes the entries of a version."""
    await work.execute(
        "INSERT INTO publication_row (territory, publication_id, position, key, cells) "
        "SELECT $1, $2, position, row ->> 'key', row -> 'cells' "
        "FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS r (row, position)",
        work.territory,
        publication_id,
        orjson.dumps([{"key": row.key, "cells": dict(row.cells)} for row in rows]).decode(),
    )


async def rows(work: Work, publication_id: UUID, after: int = 0, limit: int | None = None) -> list[tuple[int, ListRow]]:
    """Entries of a version with their position, in order."""
    found = await work.fetch(
        "SELECT position, key, cells FROM publication_row WHERE territory = $1 AND publication_id = $2 "
        "AND position > $3 ORDER BY position LIMIT $4",
        work.territory,
        publication_id,
        after,
        limit,
    )
    return [(row["position"], ListRow(row["key"], row["cells"])) for row in found]


async def find(work: Work, publication_id: UUID) -> Record | None:
    return await work.fetchrow(
        f"SELECT {_COLUMNS} FROM publication WHERE territory = $1 AND id = $2", work.territory, publication_id
    )


async def several(work: Work, name: str | None, before: UUID | None, limit: int) -> list[Record]:
    """Versions of the territory, the latest first (ids sort by time)."""
    query = Query()
    conditions = [query.bind("territory = ?", work.territory)]
    conditions += [query.bind("list = ?", name)] if name else []
    conditions += [query.bind("id < ?", before)] if before else []
    tail = query.bind("ORDER BY id DESC LIMIT ?", limit)
    return await work.fetch(f"SELECT {_COLUMNS} FROM publication WHERE {' AND '.join(conditions)} {tail}", *query.args)


async def published_since(work: Work, name: str, since: datetime) -> bool:
    """Whether the territory of the transaction has published this list since."""
    found: bool = await work.fetchval(
        "SELECT EXISTS (SELECT FROM publication WHERE territory = $1 AND list = $2 AND published_at >= $3)",
        work.territory,
        name,
        since,
    )
    return found


_DOCTOR = "10"
"""Profession of TRE_G15: *médecin*."""
_DOCTORS = """
SELECT a.rpps, p.name, p.profession, p.specialties, a.capacity, a.patients, a.valid_until, a.declared_at,
       v.street, v.postal_code, coalesce(m.name, v.city) AS city, v.phone
  FROM acceptance a JOIN professional p ON p.rpps = a.rpps
  LEFT JOIN LATERAL (SELECT * FROM activity x WHERE x.rpps = a.rpps
       ORDER BY (x.commune = ANY ($3::text[])) DESC NULLS LAST, x.position LIMIT 1) v ON true
  LEFT JOIN commune m ON m.insee = v.commune
 WHERE a.territory = $1 AND a.accepts AND a.valid_until >= $2 AND p.professions @> ARRAY[$4]
 ORDER BY p.search_name, p.rpps
"""


async def accepting_doctors(work: Work, today: date, communes: Sequence[str]) -> list[Record]:
    """Doctors who accept new patients today, each with one place, of the territory if there is one."""
    return await work.fetch(_DOCTORS, work.territory, today, list(communes), _DOCTOR)
