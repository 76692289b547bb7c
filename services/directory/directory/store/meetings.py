"""Rows of meetings and attendance."""

from collections.abc import Sequence
from uuid import UUID

from directory.domain.attendance import Attendee
from kit.work import Record, Work


async def set_attendance(work: Work, meeting_id: UUID, sheet: Sequence[Attendee], by: str) -> None:
    """The sheet as it now is: who is on it no more was absent."""
    await work.execute(
        "UPDATE attendance SET status = 'absent', holder_id = NULL, version = version + 1, changed_at = $4, "
        "changed_by = $5 WHERE territory = $1 AND meeting_id = $2 AND member_id <> ALL($3::uuid[]) "
        "AND status <> 'absent'",
        *(work.territory, meeting_id, [it.member_id for it in sheet], work.now, by),
    )
    await work.executemany(
        "INSERT INTO attendance AS a (territory, meeting_id, member_id, status, holder_id, version, changed_at, "
        "changed_by) VALUES ($1, $2, $3, $4, $5, 1, $6, $7) ON CONFLICT (territory, meeting_id, member_id) DO UPDATE "
        "SET status = excluded.status, holder_id = excluded.holder_id, version = a.version + 1, "
        "changed_at = excluded.changed_at, changed_by = excluded.changed_by "
        "WHERE (a.status, a.holder_id) IS DISTINCT FROM (excluded.status, excluded.holder_id)",
        [(work.territory, meeting_id, it.member_id, it.status, it.holder_id, work.now, by) for it in sheet],
    )


async def attendance(work: Work, meeting_id: UUID) -> list[Record]:
    """The sheet, with college and profession of each member."""
    return await work.fetch(
        "SELECT a.member_id, a.status, a.holder_id, m.college, m.kind, p.profession, p.name, m.name_sealed AS sealed "
        "FROM attendance a JOIN member m ON m.territory = a.territory AND m.id = a.member_id "
        "LEFT JOIN professional p ON p.rpps = m.rpps "
        "WHERE a.territory = $1 AND a.meeting_id = $2 ORDER BY a.member_id",
        work.territory,
        meeting_id,
    )
