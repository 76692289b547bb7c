"""Rows of liaison notebooks."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kit import rows
from kit.work import Record, Work

NOTE, READ, FILE = "note", "note_read", "note_file"
_SEEN = """
(SELECT min(s.read_at) FROM note_read s WHERE s.territory = r.territory AND s.note_id = r.id AND s.person = ANY(?))
"""
_MORE = """
r.*, (SELECT count(*) FROM note_file f WHERE f.note_id = r.id) AS files,
     (SELECT max(c.id::text)::uuid FROM note c WHERE c.corrects = r.id) AS corrected_by
"""
_UNREAD = """
SELECT count(*) FROM note n WHERE n.territory = $1 AND n.enrolment_id = $2 AND NOT (n.author = ANY($3))
  AND NOT EXISTS (SELECT FROM note_read s WHERE s.territory = $1 AND s.note_id = n.id AND s.person = ANY($3))
"""
_MARK = """
INSERT INTO note_read (id, territory, patient_id, note_id, person, read_at)
SELECT gen_random_uuid(), n.territory, n.patient_id, n.id, $4, $5 FROM note n
WHERE n.territory = $1 AND n.enrolment_id = $2 AND n.id = ANY($3) AND n.author <> $4
ON CONFLICT (territory, note_id, person) DO NOTHING
"""
_READERS = "SELECT * FROM note_read WHERE territory = $1 AND note_id = $2 ORDER BY read_at, person"
_FILES = "SELECT * FROM note_file WHERE territory = $1 AND note_id = ANY($2) ORDER BY id"
_FILE = "SELECT * FROM note_file WHERE territory = $1 AND note_id = $2 AND id = $3"


async def listed(
    work: Work,
    enrolment_id: UUID,
    *,
    kind: str | None,
    event: bool | None,
    unread_by: Sequence[str] | None,
    since: datetime | None,
    after: UUID | None,
    limit: int,
) -> list[Record]:
    """The newest first; `unread_by`: only those that this person has neither written nor read."""
    people = None if unread_by is None else list(unread_by)
    wanted = [
        ("enrolment_id = ?", enrolment_id),
        ("kind = ?", kind),
        ("event = ?", event),
        ("written_at >= ?", since),
        (f"NOT (author = ANY(?)) AND {_SEEN} IS NULL", people, people),
    ]
    return await rows.listed(work, NOTE, wanted, columns=_MORE, latest_first=True, after=after, limit=limit)


async def unread(work: Work, enrolment_id: UUID, people: Sequence[str]) -> int:
    """How many notes a person has neither written nor read."""
    return int(await work.fetchval(_UNREAD, work.territory, enrolment_id, list(people)))


async def mark_read(work: Work, enrolment_id: UUID, note_ids: Sequence[UUID], person: str) -> None:
    """Notes of the enrolment are read by them from now on; what was read before stays as it was."""
    await work.execute(_MARK, work.territory, enrolment_id, list(note_ids), person, work.now)


async def readers(work: Work, note_id: UUID) -> list[Record]:
    return await work.fetch(_READERS, work.territory, note_id)


async def files(work: Work, note_ids: Sequence[UUID]) -> list[Record]:
    return await work.fetch(_FILES, work.territory, list(note_ids))


async def file(work: Work, note_id: UUID, file_id: UUID) -> Record | None:
    return await work.fetchrow(_FILE, work.territory, note_id, file_id)
