"""Lists of internship offers, trainees, installation projects and contacts for a spouse's job."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from directory.store.query import Query
from kit.history import source
from kit.work import Record, Work


async def offers(
    work: Work, *, wanted: Mapping[str, Any], on: date | None, after: tuple[date, UUID] | None, limit: int
) -> list[Record]:
    """Offers by start, the latest first; `wanted` are values of columns, None asks nothing."""
    return await _by_start(work, "internship_offer", wanted, on=on, after=after, limit=limit, until=None)


async def trainees(
    work: Work,
    *,
    wanted: Mapping[str, Any],
    on: date | None,
    after: tuple[date, UUID] | None,
    limit: int,
    until: datetime | None,
) -> list[Record]:
    """Trainees by start, the latest first, as it was known before `until` when given."""
    return await _by_start(work, "trainee", wanted, on=on, after=after, limit=limit, until=until)


async def _by_start(
    work: Work,
    table: str,
    wanted: Mapping[str, Any],
    *,
    on: date | None,
    after: tuple[date, UUID] | None,
    limit: int,
    until: datetime | None,
) -> list[Record]:
    query = Query()
    rows = source(query, table, work.territory, until)
    conditions = [query.bind("territory = ?", work.territory), *_equal(query, wanted)]
    conditions += [query.bind("?::date BETWEEN starts_on AND ends_on", on)] if on else []
    conditions += [query.bind("(starts_on, id) < (?, ?)", *after)] if after else []
    tail = query.bind("ORDER BY starts_on DESC, id DESC LIMIT ?", limit)
    return await work.fetch(f"SELECT * FROM {rows} t WHERE {' AND '.join(conditions)} {tail}", *query.args)


async def installations(
    work: Work, *, wanted: Mapping[str, Any], after: UUID | None, limit: int, until: datetime | None
) -> list[Record]:
    """Projects, the newest first, as they were before `until` when given."""
    query = Query()
    rows = source(query, "installation", work.territory, until)
    conditions = [query.bind("territory = ?", work.territory), *_equal(query, wanted)]
    conditions += [query.bind("id < ?", after)] if after else []
    tail = query.bind("ORDER BY id DESC LIMIT ?", limit)
    return await work.fetch(f"SELECT * FROM {rows} t WHERE {' AND '.join(conditions)} {tail}", *query.args)


async def spouse_contacts(work: Work, *, field: str | None, after: tuple[str, UUID] | None, limit: int) -> list[Record]:
    """Contacts that still hold, by name; of a field of work when named."""
    query = Query()
    conditions = [query.bind("territory = ? AND ended_on IS NULL", work.territory)]
    conditions += [query.bind("? = ANY (fields)", field)] if field else []
    conditions += [query.bind("(name, id) > (?, ?)", *after)] if after else []
    tail = query.bind("ORDER BY name, id LIMIT ?", limit)
    return await work.fetch(f"SELECT * FROM spouse_contact WHERE {' AND '.join(conditions)} {tail}", *query.args)


def _equal(query: Query, wanted: Mapping[str, Any]) -> list[str]:
    return [query.bind(f"{column} = ?", value) for column, value in wanted.items() if value is not None]
