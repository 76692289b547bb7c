"""Statements of a territory. Row-level security keeps each territory to its own rows."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from directory.store.query import Query
from kit.history import source
from kit.work import Record, Work

COLUMNS = (
    "territory, about, kind, place, value::text AS value, codes, source, declared_at, declared_by, valid_until, "
    "withdrawn_at, version"
)


def holds(query: Query, row: str, instant: datetime) -> str:
    """SQL condition: this statement counts at the instant."""
    beyond = query.bind(f"{row}.valid_until > ?", instant)
    return f"{row}.withdrawn_at IS NULL AND ({row}.valid_until IS NULL OR {beyond})"


def attests(query: Query, territory: str, instant: datetime, person: str, capability: tuple[str, str | None]) -> str:
    """SQL condition: a statement of this kind counts of the person (a column), with this code or any but "no"."""
    kind, code = capability
    said = query.bind("d.territory = ? AND d.kind = ?", territory, kind)
    that = "d.codes <> '{no}'" if code is None else query.bind("? = ANY (d.codes)", code)
    return (
        f"EXISTS (SELECT FROM statement d WHERE {said} AND d.about = {person} AND {that} "
        f"AND {holds(query, 'd', instant)})"
    )


class NewStatement(NamedTuple):
    """What is said. `value` is a JSON value."""

    about: str
    kind: str
    place: str
    value: Any
    codes: Sequence[str]
    source: str
    kinds_version: str
    valid_until: datetime | None


class Wanted(NamedTuple):
    """Filters of a list; None asks nothing. `state` is holds, lapsed or withdrawn."""

    abouts: Sequence[str] | None = None
    kind: str | None = None
    code: str | None = None
    source: str | None = None
    state: str | None = None
    ends_before: datetime | None = None


async def lock(work: Work, territory: str, about: str) -> None:
    """Changes of what is said of one subject go one at a time: their event tells the whole."""
    await work.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"statement {territory} {about}")


async def find(work: Work, about: str, kind: str, place: str, until: datetime | None = None) -> Record | None:
    """The statement, whether it still holds or not, as it was before `until` when given."""
    query = Query()
    rows = source(query, "statement", work.territory, until)
    key = query.bind("territory = ? AND about = ? AND kind = ? AND place = ?", work.territory, about, kind, place)
    return await work.fetchrow(f"SELECT {COLUMNS} FROM {rows} s WHERE {key}", *query.args)


async def save(work: Work, said: NewStatement, by: str) -> Record:
    """Writes the statement in place of what was said before."""
    row = await work.fetchrow(
        _SAVE,
        work.territory,
        said.about,
        said.kind,
        said.place,
        json.dumps(said.value),
        list(said.codes),
        said.source,
        said.kinds_version,
        work.now,
        by,
        said.valid_until,
    )
    assert row is not None  # noqa: S101
    return row


async def withdraw(work: Work, about: str, kind: str, place: str, by: str) -> Record | None:
    """Ends the statement. None when there was none, or it was withdrawn already."""
    return await work.fetchrow(
        "UPDATE statement SET withdrawn_at = $5, version = version + 1, changed_at = $5, changed_by = $6 "
        "WHERE territory = $1 AND about = $2 AND kind = $3 AND place = $4 AND withdrawn_at IS NULL "
        f"RETURNING {COLUMNS}",
        work.territory,
        about,
        kind,
        place,
        work.now,
        by,
    )


async def listed(
    work: Work, wanted: Wanted, until: datetime | None, after: Sequence[str] | None, limit: int | None
) -> list[Record]:
    """Statements by kind, subject and place. Those withdrawn only when asked for."""
    query, instant = Query(), until or work.now
    rows = source(query, "statement", work.territory, until)
    conditions = [query.bind("s.territory = ?", work.territory), *_conditions(query, wanted, instant)]
    conditions += [query.bind("(s.kind, s.about, s.place) > (?, ?, ?)", *after)] if after else []
    limited = query.bind("LIMIT ?", limit)
    return await work.fetch(
        f"SELECT {COLUMNS} FROM {rows} s WHERE {' AND '.join(conditions)} ORDER BY s.kind, s.about, s.place {limited}",
        *query.args,
    )


async def by_subject(work: Work, abouts: Sequence[str], until: datetime | None = None) -> dict[str, list[Record]]:
    """What is said of these subjects and was not withdrawn, by number; as it was before `until` when given."""
    query, said = Query(), dict[str, list[Record]]()
    rows = source(query, "statement", work.territory, until)
    found = query.bind("territory = ? AND about = ANY(?) AND withdrawn_at IS NULL", work.territory, list(abouts))
    ordered = f"SELECT {COLUMNS} FROM {rows} s WHERE {found} ORDER BY kind, place"
    for row in await work.fetch(ordered, *query.args):
        said.setdefault(row["about"], []).append(row)
    return said


def _conditions(query: Query, wanted: Wanted, instant: datetime) -> list[str]:
    conditions = [query.bind("s.about = ANY(?)", list(wanted.abouts))] if wanted.abouts is not None else []
    conditions += [query.bind("s.kind = ?", wanted.kind)] if wanted.kind else []
    conditions += [query.bind("? = ANY(s.codes)", wanted.code)] if wanted.code else []
    conditions += [query.bind("s.source = ?", wanted.source)] if wanted.source else []
    conditions += [query.bind("s.valid_until < ?", wanted.ends_before)] if wanted.ends_before else []
    if wanted.state == "holds":
        return [*conditions, holds(query, "s", instant)]
    if wanted.state == "lapsed":
        conditions.append(query.bind("s.valid_until <= ?", instant))
    return [*conditions, f"s.withdrawn_at IS {'NOT ' * (wanted.state == 'withdrawn')}NULL"]


async def told(work: Work, territory: str, about: str, kinds: Sequence[str]) -> tuple[int, list[Record]]:
    """What is to be told of a subject: the number of changes so far, and the coded statements that hold."""
    version = await work.fetchval(
        "SELECT sum(version)::integer FROM statement WHERE territory = $1 AND about = $2", territory, about
    )
    rows = await work.fetch(
        "SELECT kind, codes, source, valid_until FROM statement WHERE territory = $1 AND about = $2 AND place = '' "
        "AND kind = ANY($3) AND withdrawn_at IS NULL AND (valid_until IS NULL OR valid_until > $4) ORDER BY kind",
        territory,
        about,
        list(kinds),
        work.now,
    )
    return version or 0, rows


async def lapsing(work: Work, limit: int) -> list[Record]:
    """Subjects, `territory, about`, of which something lapsed that was not told yet. System role."""
    return await work.fetch(
        "SELECT DISTINCT territory, about FROM (SELECT territory, about FROM statement WHERE withdrawn_at IS NULL "
        "AND lapsed_at IS NULL AND valid_until <= $1 ORDER BY valid_until LIMIT $2) due ORDER BY 1, 2",
        work.now,
        limit,
    )


async def lapse(work: Work, territory: str, about: str, by: str) -> int:
    """Marks what lapsed of a subject; answers how many. System role."""
    done = await work.execute(
        "UPDATE statement SET lapsed_at = $3, version = version + 1, changed_at = $3, changed_by = $4 "
        "WHERE territory = $1 AND about = $2 AND withdrawn_at IS NULL AND lapsed_at IS NULL AND valid_until <= $3",
        territory,
        about,
        work.now,
        by,
    )
    return int(done.rpartition(" ")[2])


_SAVE = f"""
INSERT INTO statement AS s (territory, about, kind, place, value, codes, source, kinds_version, declared_at,
                            declared_by, valid_until, version, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5::text::jsonb, $6, $7, $8, $9, $10, $11, 1, $9, $10)
ON CONFLICT (territory, about, kind, place) DO UPDATE SET
    value = excluded.value, codes = excluded.codes, source = excluded.source, kinds_version = excluded.kinds_version,
    declared_at = excluded.declared_at, declared_by = excluded.declared_by, valid_until = excluded.valid_until,
    withdrawn_at = NULL, lapsed_at = NULL, version = s.version + 1,
    changed_at = excluded.changed_at, changed_by = excluded.changed_by
RETURNING {COLUMNS}
"""
