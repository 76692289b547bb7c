"""Comparisons of what a territory attests with what the national source says."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from directory.domain.statements import Compared
from directory.store.query import Query
from kit.history import source
from kit.work import Record, Work

_OF_PERSON: dict[Compared, str] = {
    "phone": "SELECT phone FROM activity WHERE rpps = $1 AND ($2 = '' OR commune = $2)",
    "site_name": "SELECT site_name FROM activity WHERE rpps = $1 AND ($2 = '' OR commune = $2)",
    "commune": "SELECT commune FROM activity WHERE rpps = $1 AND $2::text IS NOT NULL",
    "profession": "SELECT unnest(professions) FROM professional WHERE rpps = $1 AND $2::text IS NOT NULL",
}
_OF_STRUCTURE: dict[Compared, str] = {
    "site_name": "SELECT name FROM structure WHERE finess = $1 AND $2::text IS NOT NULL",
    "commune": "SELECT commune FROM structure WHERE finess = $1 AND $2::text IS NOT NULL",
}

_STALE = """
SELECT s.territory, s.about, s.kind, s.place
  FROM statement s
  LEFT JOIN professional p ON p.rpps = s.about LEFT JOIN structure t ON t.finess = s.about
  LEFT JOIN conflict c ON c.territory = s.territory AND c.about = s.about AND c.kind = s.kind AND c.place = s.place
 WHERE s.kind = ANY($1) AND s.withdrawn_at IS NULL AND (s.valid_until IS NULL OR s.valid_until > $2)
   AND (c.statement_version, c.national_version) IS DISTINCT FROM (s.version, coalesce(p.version, t.version))
   AND coalesce(p.version, t.version) IS NOT NULL
 ORDER BY s.territory, s.about, s.kind, s.place LIMIT $3
"""
_COMPARED = """
SELECT s.value #>> '{}' AS attested, s.source AS attested_source, s.declared_at AS attested_at,
       s.version AS statement_version, coalesce(p.version, t.version) AS national_version,
       coalesce(p.updated_at, t.updated_at) AS national_at
  FROM statement s
  LEFT JOIN professional p ON p.rpps = s.about LEFT JOIN structure t ON t.finess = s.about
 WHERE s.territory = $1 AND s.about = $2 AND s.kind = $3 AND s.place = $4 AND s.withdrawn_at IS NULL
"""
_SAVE = """
INSERT INTO conflict AS c (id, territory, about, kind, place, state, attested, attested_source, attested_at, national,
                           national_at, statement_version, national_version, raised_at, version, changed_at, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, $16)
ON CONFLICT (territory, about, kind, place) DO UPDATE SET
    state = excluded.state, attested = excluded.attested, attested_source = excluded.attested_source,
    attested_at = excluded.attested_at, national = excluded.national, national_at = excluded.national_at,
    statement_version = excluded.statement_version, national_version = excluded.national_version,
    raised_at = excluded.raised_at, version = c.version + 1, changed_at = excluded.changed_at,
    changed_by = excluded.changed_by,
    kept = CASE WHEN excluded.state = 'resolved' THEN c.kept END,
    reason = CASE WHEN excluded.state = 'resolved' THEN c.reason END,
    resolved_at = CASE WHEN excluded.state = 'resolved' THEN c.resolved_at END,
    resolved_by = CASE WHEN excluded.state = 'resolved' THEN c.resolved_by END
"""


async def stale(work: Work, kinds: Sequence[str], limit: int) -> list[Record]:
    """Statements that were not compared yet with what both sides say now. System role: of every territory."""
    return await work.fetch(_STALE, list(kinds), work.now, limit)


async def compared(work: Work, key: Sequence[str]) -> Record | None:
    """The two sides of the statement of this key (territory, about, kind, place), with their versions."""
    return await work.fetchrow(_COMPARED, *key)


async def national(work: Work, compared_with: Compared, about: str, place: str, person: bool) -> list[str]:
    """What the national source says, in order; of the place when there is one."""
    sql = (_OF_PERSON if person else _OF_STRUCTURE).get(compared_with)
    rows = await work.fetch(sql, about, place) if sql else []
    return sorted({row[0] for row in rows if row[0]})


async def known(work: Work, key: Sequence[str]) -> Record | None:
    """What came of the last comparison."""
    return await work.fetchrow(
        "SELECT * FROM conflict WHERE territory = $1 AND about = $2 AND kind = $3 AND place = $4 FOR UPDATE", *key
    )


async def save(
    work: Work,
    key: Sequence[str],
    row: Record,
    said: Sequence[str],
    *,
    state: str,
    raised_at: datetime | None,
    by: str,
) -> None:
    """What comes of a comparison."""
    sides = (row["attested"], row["attested_source"], row["attested_at"], list(said), row["national_at"])
    versions = (row["statement_version"], row["national_version"])
    await work.execute(_SAVE, work.new_id(), *key, state, *sides, *versions, raised_at, work.now, by)


async def close(work: Work, key: Sequence[str], by: str) -> None:
    """The statement is no more: nothing differs."""
    await work.execute(
        "UPDATE conflict SET state = 'agrees', version = version + 1, changed_at = $5, changed_by = $6 "
        "WHERE territory = $1 AND about = $2 AND kind = $3 AND place = $4 AND state = 'open'",
        *key,
        work.now,
        by,
    )


async def close_lapsed(work: Work, territory: str, about: str, by: str) -> None:
    """Statements of the subject that lapsed contradict nothing."""
    await work.execute(
        "UPDATE conflict c SET state = 'agrees', version = c.version + 1, changed_at = $3, changed_by = $4 "
        "FROM statement s WHERE c.territory = $1 AND c.about = $2 AND c.state = 'open' AND s.territory = c.territory "
        "AND s.about = c.about AND s.kind = c.kind AND s.place = c.place AND s.valid_until <= $3",
        territory,
        about,
        work.now,
        by,
    )


async def find(work: Work, conflict: UUID, *, lock: bool = False) -> Record | None:
    """One comparison of the territory of the transaction."""
    return await work.fetchrow(
        "SELECT * FROM conflict WHERE territory = $1 AND id = $2" + " FOR UPDATE" * lock, work.territory, conflict
    )


async def settle(work: Work, conflict: UUID, kept: str, reason: str, by: str) -> Record:
    """A person decided."""
    row = await work.fetchrow(
        "UPDATE conflict SET state = 'resolved', kept = $2, reason = $3, resolved_at = $4, resolved_by = $5, "
        "version = version + 1, changed_at = $4, changed_by = $5 WHERE id = $1 RETURNING *",
        conflict,
        kept,
        reason,
        work.now,
        by,
    )
    assert row is not None  # noqa: S101
    return row


async def listed(
    work: Work,
    *,
    state: str,
    kind: str | None,
    about: str | None,
    until: datetime | None,
    after: Sequence[object] | None,
    limit: int,
) -> list[Record]:
    """Conflicts of this state, the first raised first."""
    query = Query()
    rows = source(query, "conflict", work.territory, until)
    conditions = [query.bind("territory = ? AND state = ?", work.territory, state)]
    conditions += [query.bind("kind = ?", kind)] if kind else []
    conditions += [query.bind("about = ?", about)] if about else []
    conditions += [query.bind("id > ?", after[0])] if after else []
    limited = query.bind("LIMIT ?", limit)
    return await work.fetch(
        f"SELECT * FROM {rows} c WHERE {' AND '.join(conditions)} ORDER BY id {limited}", *query.args
    )
