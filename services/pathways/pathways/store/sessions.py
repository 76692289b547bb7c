"""Rows of group sessions, their invitations, attendance and documents."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kit import rows
from kit.work import Record, Work


async def listed(
    work: Work,
    filters: Sequence[tuple[str, Any]],
    *,
    until: datetime | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Record]:
    """Sessions that meet the filters (`("kind = ?", value)`; None asks nothing), the latest first."""
    order = ("starts_at", "id")
    return await rows.listed(
        work, "session", filters, order=order, latest_first=True, until=until, after=after, limit=limit
    )


async def invite(work: Work, session_id: UUID, rpps: Sequence[str], by: str) -> list[Record]:
    """Invites those who were not yet, and those whose invitation was withdrawn; answers these."""
    return await work.fetch(
        "INSERT INTO session_invitation (id, territory, session_id, rpps, state, version, changed_at, changed_by) "
        "SELECT id, $1, $2, rpps, 'invited', 1, $5, $6 FROM unnest($3::uuid[], $4::text[]) AS new (id, rpps) "
        "ON CONFLICT (territory, session_id, rpps) DO UPDATE SET state = 'invited', "
        "version = session_invitation.version + 1, changed_at = excluded.changed_at, changed_by = excluded.changed_by "
        "WHERE session_invitation.state = 'withdrawn' RETURNING *",
        *(work.territory, session_id, [work.new_id() for _ in rpps], list(rpps), work.now, by),
    )


async def invitations(work: Work, session_id: UUID) -> list[Record]:
    """Everybody who was invited, in the order of invitation."""
    return await work.fetch(
        "SELECT * FROM session_invitation WHERE territory = $1 AND session_id = $2 ORDER BY id",
        *(work.territory, session_id),
    )


async def invitation(work: Work, session_id: UUID, rpps: str) -> Record | None:
    """One invitation, for this transaction alone."""
    return await work.fetchrow(
        "SELECT * FROM session_invitation WHERE territory = $1 AND session_id = $2 AND rpps = $3 FOR UPDATE",
        *(work.territory, session_id, rpps),
    )


async def accepted(work: Work, session_id: UUID) -> int:
    """How many said that they come."""
    return int(
        await work.fetchval(
            "SELECT count(*) FROM session_invitation WHERE territory = $1 AND session_id = $2 AND state = 'accepted'",
            *(work.territory, session_id),
        )
    )


async def attendance(work: Work, session_id: UUID) -> list[Record]:
    """The sheet as it stands: professionals first, of these who led it."""
    return await work.fetch(
        "SELECT * FROM attendance WHERE territory = $1 AND session_id = $2 AND removed_at IS NULL "
        "ORDER BY audience <> 'professional', NOT speaker, rpps, audience, id",
        *(work.territory, session_id),
    )


async def attendance_line(work: Work, session_id: UUID, line_id: UUID) -> Record | None:
    """One line that stands."""
    return await work.fetchrow(
        "SELECT * FROM attendance WHERE territory = $1 AND session_id = $2 AND id = $3 AND removed_at IS NULL",
        *(work.territory, session_id, line_id),
    )


async def remove_lines(work: Work, ids: Sequence[UUID], by: str) -> None:
    """Takes lines off the sheet; they are kept."""
    await work.execute(
        "UPDATE attendance SET removed_at = $3, version = version + 1, changed_at = $3, changed_by = $4 "
        "WHERE territory = $1 AND id = ANY($2)",
        *(work.territory, list(ids), work.now, by),
    )


async def documents(work: Work, session_id: UUID) -> list[Record]:
    """Documents that stand."""
    return await work.fetch(
        "SELECT * FROM session_document WHERE territory = $1 AND session_id = $2 AND withdrawn_at IS NULL ORDER BY id",
        *(work.territory, session_id),
    )


async def document(work: Work, session_id: UUID, document_id: UUID) -> Record | None:
    """One document, withdrawn or not."""
    return await work.fetchrow(
        "SELECT * FROM session_document WHERE territory = $1 AND session_id = $2 AND id = $3",
        *(work.territory, session_id, document_id),
    )
