"""The register of technical problems that professionals report."""

from datetime import datetime
from uuid import UUID

from directory.store.query import Query
from kit.history import source
from kit.work import Record, Work

_COLUMNS = (
    "i.id, i.number, i.title, i.description, i.severity, i.state, i.reporter_kind, i.reporter, i.created_at, "
    "i.version, i.changed_at, i.changed_by"
)
# The lock of the territory: two reports at once get two numbers, one after the other.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('technical_issue:' || $1, 0))"
_ADD = """
INSERT INTO technical_issue (id, territory, number, title, description, severity, state, reporter_kind, reporter,
                             created_at, version, changed_at, changed_by)
SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, 'open', $6, $7, $8, 1, $8, $9
  FROM technical_issue WHERE territory = $2
"""
_STATE = """
UPDATE technical_issue SET state = $3, version = version + 1, changed_at = $4, changed_by = $5
 WHERE territory = $1 AND id = $2
"""
_ANSWER = """
INSERT INTO issue_answer (id, territory, issue_id, text, state, at, by, by_reporter)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_ANSWERS = (
    "SELECT text, state, at, by, by_reporter FROM issue_answer WHERE territory = $1 AND issue_id = $2 ORDER BY id"
)


async def add(
    work: Work, issue_id: UUID, *, title: str, description: str, severity: str, owner: tuple[str, str] | None, by: str
) -> None:
    """One more problem, with the next number of the territory."""
    await work.execute(_LOCK, work.territory)
    kind, reporter = owner or (None, None)
    await work.execute(_ADD, issue_id, work.territory, title, description, severity, kind, reporter, work.now, by)


async def find(work: Work, issue_id: UUID, *, lock: bool = False) -> Record | None:
    """One problem."""
    sql = f"SELECT {_COLUMNS} FROM technical_issue i WHERE territory = $1 AND id = $2"
    return await work.fetchrow(sql + (" FOR UPDATE" if lock else ""), work.territory, issue_id)


async def answer(work: Work, issue_id: UUID, *, text: str, state: str, by: str, by_reporter: bool) -> None:
    """One more answer, and where the problem stands after it."""
    new = work.new_id()
    await work.execute(_ANSWER, new, work.territory, issue_id, text, state, work.now, by, by_reporter)
    await work.execute(_STATE, work.territory, issue_id, state, work.now, by)


async def answers(work: Work, issue_id: UUID) -> list[Record]:
    """The answers, the first first."""
    return await work.fetch(_ANSWERS, work.territory, issue_id)


async def search(
    work: Work,
    *,
    owner: tuple[str, str] | None,
    state: str | None,
    severity: str | None,
    before: int | None,
    until: datetime | None,
    limit: int,
) -> list[Record]:
    """Problems of the territory, the latest first, as they stood before `until` when given."""
    query = Query()
    rows = source(query, "technical_issue", work.territory, until)
    conditions = [query.bind("i.territory = ?", work.territory)]
    conditions += [query.bind("i.reporter_kind = ? AND i.reporter = ?", *owner)] if owner else []
    conditions += [query.bind("i.state = ?", state)] if state else []
    conditions += [query.bind("i.severity = ?", severity)] if severity else []
    conditions += [query.bind("i.number < ?", before)] if before else []
    limited = query.bind("ORDER BY i.number DESC LIMIT ?", limit)
    return await work.fetch(f"SELECT {_COLUMNS} FROM {rows} i WHERE {' AND '.join(conditions)} {limited}", *query.args)
