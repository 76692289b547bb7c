"""Who accepts new patients. Row-level security keeps each territory to its own rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from directory.store.query import Query
from kit.history import source
from kit.work import Record, Work

_COLUMNS = (
    "territory, rpps, accepts, capacity, patients, valid_until, source, campaign_id, rules_version, declared_at, "
    "version, changed_at"
)


@dataclass(frozen=True)
class Declared:
    """What is said of one professional."""

    accepts: bool
    capacity: int | None
    patients: Sequence[str]
    valid_until: date
    source: str
    campaign_id: UUID | None
    rules_version: str


@dataclass(frozen=True)
class Filters:
    """Which acceptances; None asks nothing. `today` is the day for which `holds` is asked."""

    today: date
    holds: bool | None = None
    accepts: bool | None = None
    profession: str | None = None
    specialty: str | None = None
    communes: Sequence[str] | None = None
    patients: str | None = None
    source: str | None = None


async def find(work: Work, rpps: str, *, lock: bool = False, until: datetime | None = None) -> Record | None:
    """What stands of this professional on the territory of the transaction, or stood before `until`."""
    query = Query()
    rows = source(query, "acceptance", work.territory, until)
    found = query.bind("territory = ? AND rpps = ?", work.territory, rpps)
    return await work.fetchrow(
        f"SELECT {_COLUMNS} FROM {rows} a WHERE {found}" + (" FOR UPDATE" if lock else ""), *query.args
    )


_DECLARE = f"""
INSERT INTO acceptance AS t (territory, rpps, accepts, capacity, patients, valid_until, source, campaign_id,
                             rules_version, declared_at, version, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $10, $11)
ON CONFLICT (territory, rpps) DO UPDATE SET
    accepts = excluded.accepts, capacity = excluded.capacity, patients = excluded.patients,
    valid_until = excluded.valid_until, source = excluded.source, campaign_id = excluded.campaign_id,
    rules_version = excluded.rules_version, declared_at = excluded.declared_at, lapsed_at = NULL,
    version = t.version + 1, changed_at = excluded.changed_at, changed_by = excluded.changed_by
WHERE t.lapsed_at IS NOT NULL
   OR (t.accepts, t.capacity, t.patients, t.valid_until, t.source, t.campaign_id)
      IS DISTINCT FROM (excluded.accepts, excluded.capacity, excluded.patients, excluded.valid_until, excluded.source,
                        excluded.campaign_id)
RETURNING {_COLUMNS}
"""


async def declare(work: Work, rpps: str, said: Declared, by: str) -> Record | None:
    """Stores it. Answers the new row, or None when it stood so already."""
    return await work.fetchrow(
        _DECLARE,
        work.territory,
        rpps,
        said.accepts,
        said.capacity,
        list(said.patients),
        said.valid_until,
        said.source,
        said.campaign_id,
        said.rules_version,
        work.now,
        by,
    )


async def several(
    work: Work, filters: Filters, until: datetime | None, after: Sequence[object] | None, limit: int
) -> list[Record]:
    """Acceptances of the territory with who they are of, by name; as they were before `until` when given."""
    query = Query()
    rows = source(query, "acceptance", work.territory, until)
    conditions = [query.bind("a.territory = ?", work.territory), *_conditions(query, filters)]
    conditions += [query.bind("(p.search_name, p.rpps) > (?, ?)", *after)] if after else []
    holds = query.bind("a.valid_until >= ?", filters.today)
    return await work.fetch(
        "SELECT a.rpps, a.accepts, a.capacity, a.patients, a.valid_until, a.source, a.campaign_id, a.declared_at, "
        f"a.version, {holds} AS holds, p.name, p.search_name, p.profession, p.specialties "
        f"FROM {rows} a JOIN professional p ON p.rpps = a.rpps WHERE {' AND '.join(conditions)} "
        + query.bind("ORDER BY p.search_name, p.rpps LIMIT ?", limit),
        *query.args,
    )


def _conditions(query: Query, filters: Filters) -> list[str]:
    asked: list[tuple[str, object]] = [
        ("(a.valid_until >= ?) = ?", filters.holds),
        ("a.accepts = ?", filters.accepts),
        ("p.professions @> ARRAY[?]::text[]", filters.profession),
        ("p.specialties @> ARRAY[?]::text[]", filters.specialty),
        ("(a.patients = '{}' OR a.patients @> ARRAY[?]::text[])", filters.patients),
        ("a.source = ?", filters.source),
        (
            "EXISTS (SELECT FROM activity v WHERE v.rpps = a.rpps AND v.commune = ANY(?::text[]))",
            None if filters.communes is None else list(filters.communes),
        ),
    ]
    return [
        query.bind(sql, *([filters.today] if sql.count("?") == 2 else []), value)
        for sql, value in asked
        if value is not None
    ]


_LAPSE = """
UPDATE acceptance t SET lapsed_at = $1, version = t.version + 1, changed_at = $1, changed_by = $2
FROM (SELECT territory, rpps FROM acceptance WHERE lapsed_at IS NULL AND valid_until < $3
      ORDER BY valid_until LIMIT $4 FOR UPDATE SKIP LOCKED) due
WHERE t.territory = due.territory AND t.rpps = due.rpps
RETURNING t.territory, t.rpps, t.accepts, t.valid_until, t.version
"""


async def lapse(work: Work, today: date, limit: int, by: str) -> list[Record]:
    """Marks those whose last day is over, of every territory; answers them."""
    return await work.fetch(_LAPSE, work.now, by, today, limit)
