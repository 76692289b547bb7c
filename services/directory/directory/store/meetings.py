"""Rows of meetings and attendance."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from directory.domain.attendance import Attendee
from kit.work import Record, Work

_COLUMNS = "id, kind, title, starts_at, place, agenda::text AS agenda, state, version, changed_at"


async def add(work: Work, values: dict[str, Any], by: str) -> UUID:
    """One more meeting, convened."""
    meeting_id = work.new_id()
    await work.execute(
        "INSERT INTO meeting (territory, id, kind, title, starts_at, place, agenda, state, version, changed_at, "
        "changed_by) VALUES ($1, $2, $3, $4, $5, $6, $7, 'convened', 1, $8, $9)",
        *(work.territory, meeting_id, values["kind"], values["title"], values["starts_at"], values["place"]),
        *(json.dumps(values["agenda"]), work.now, by),
    )
    return meeting_id


async def find(work: Work, meeting_id: UUID, *, lock: bool = False) -> Record | None:
    """One meeting."""
    statement = f"SELECT {_COLUMNS} FROM meeting WHERE territory = $1 AND id = $2" + (" FOR UPDATE" if lock else "")
    return await work.fetchrow(statement, work.territory, meeting_id)


async def search(work: Work, kind: str | None, before: tuple[datetime, UUID] | None, limit: int) -> list[Record]:
    """Meetings, the latest first."""
    return await work.fetch(
        f"SELECT {_COLUMNS} FROM meeting WHERE territory = $1 AND ($2::text IS NULL OR kind = $2) "
        "AND ($3::timestamptz IS NULL OR (starts_at, id) < ($3, $4)) ORDER BY starts_at DESC, id DESC LIMIT $5",
        work.territory,
        kind,
        *(before or (None, None)),
        limit,
    )


async def set_state(work: Work, meeting_id: UUID, state: str, by: str) -> None:
    """The meeting was held, or will not be."""
    await work.execute(
        "UPDATE meeting SET state = $3, version = version + 1, changed_at = $4, changed_by = $5 "
        "WHERE territory = $1 AND id = $2",
        *(work.territory, meeting_id, state, work.now, by),
    )


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
