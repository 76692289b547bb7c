"""Structures as they were: each state that an import ended."""

from collections.abc import Sequence
from datetime import datetime

from directory.store.query import Query
from kit.work import Record, Work

_STATE = "to_jsonb(s) - 'digest'"


async def keep(work: Work, sites: Sequence[str]) -> None:
    """Keeps what is known of these structures, before it is changed."""
    await work.execute(
        "INSERT INTO structure_past (finess, version, valid_from, valid_until, import_id, commune, state) "
        f"SELECT s.finess, s.version, s.updated_at, $2, s.import_id, s.commune, {_STATE} "
        "FROM structure s WHERE s.finess = ANY($1)",
        list(sites),
        work.now,
    )


def source(query: Query, until: datetime | None, *, finess: str | None = None, places: str | None = None) -> str:
    """What stands after FROM in the place of `structure`: the table, or its rows as they were before `until`.

    Of one structure, or of those in `places` (SQL that gives communes), so that the past too is read by an index.
    """
    if until is None:
        return "structure"
    one = query.bind("x.finess = ?", finess) if finess is not None else "true"
    here = f"x.commune IN ({places})" if places is not None else "true"
    now = query.bind("x.updated_at < ?", until)
    then = query.bind("x.valid_from < ? AND x.valid_until >= ?", until, until)
    return (
        f"(SELECT x.* FROM structure x WHERE {one} AND {here} AND {now} UNION ALL SELECT r.* FROM structure_past x, "
        f"jsonb_populate_record(NULL::structure, x.state) r WHERE {one} AND {here} AND {then})"
    )


async def states(work: Work, finess: str, before: int, limit: int) -> list[Record]:
    """The states of a structure, the latest first: (version, valid_from, valid_until, import_id, state).

    `valid_until` is null for the one that stands. One row more than a page shows what the last one changed.
    """
    return await work.fetch(
        "SELECT version, valid_from, valid_until, import_id, state FROM ("
        "SELECT s.version, s.updated_at AS valid_from, NULL::timestamptz AS valid_until, s.import_id, "
        f"{_STATE} AS state FROM structure s WHERE s.finess = $1 UNION ALL "
        "SELECT version, valid_from, valid_until, import_id, state FROM structure_past WHERE finess = $1) s "
        "WHERE version < $2 ORDER BY version DESC LIMIT $3",
        finess,
        before,
        limit,
    )
