"""Rows of minutes and their signatures."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from kit.work import Record, Work

_COLUMNS = (
    "meeting_id, state, number, texts::text AS texts, approval::text AS approval, approved_at, pdf_sha256, version, "
    "changed_at"
)


async def find(work: Work, meeting_id: UUID, *, lock: bool = False) -> Record | None:
    """The minutes of a meeting, if somebody began them."""
    return await work.fetchrow(
        f"SELECT {_COLUMNS} FROM minutes WHERE territory = $1 AND meeting_id = $2" + (" FOR UPDATE" if lock else ""),
        *(work.territory, meeting_id),
    )


async def begin(work: Work, meeting_id: UUID, by: str) -> None:
    """An empty draft, unless there is one."""
    await work.execute(
        "INSERT INTO minutes (territory, meeting_id, state, texts, version, changed_at, changed_by) "
        "VALUES ($1, $2, 'draft', '[]', 1, $3, $4) ON CONFLICT DO NOTHING",
        *(work.territory, meeting_id, work.now, by),
    )


async def write(work: Work, meeting_id: UUID, texts: Sequence[dict[str, Any]], by: str) -> None:
    """The free texts of a locked draft."""
    await work.execute(
        "UPDATE minutes SET texts = $3, version = version + 1, changed_at = $4, changed_by = $5 "
        "WHERE territory = $1 AND meeting_id = $2",
        *(work.territory, meeting_id, json.dumps(list(texts)), work.now, by),
    )


async def sign(work: Work, meeting_id: UUID, member_id: UUID, *, role: str, text_version: int, by: str) -> None:
    """An officer signs the text of this version."""
    await work.execute(
        "INSERT INTO minutes_signature AS s (territory, meeting_id, member_id, role, text_version, version, "
        "changed_at, changed_by) VALUES ($1, $2, $3, $4, $5, 1, $6, $7) "
        "ON CONFLICT (territory, meeting_id, member_id) DO UPDATE "
        "SET role = excluded.role, text_version = excluded.text_version, version = s.version + 1, "
        "changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        *(work.territory, meeting_id, member_id, role, text_version, work.now, by),
    )


async def signatures(work: Work, meeting_id: UUID, text_version: int) -> list[Record]:
    """Who signed that version of the text, the first first."""
    return await work.fetch(
        "SELECT member_id, role, changed_at AS signed_at FROM minutes_signature "
        "WHERE territory = $1 AND meeting_id = $2 AND text_version = $3 ORDER BY changed_at, member_id",
        *(work.territory, meeting_id, text_version),
    )


async def next_number(work: Work) -> int:
    """The next number of the territory, held back from everyone else until the end of the transaction."""
    await work.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", f"minutes:{work.territory}")
    return int(
        await work.fetchval("SELECT coalesce(max(number), 0) + 1 FROM minutes WHERE territory = $1", work.territory)
    )


async def approve(work: Work, meeting_id: UUID, values: dict[str, Any], by: str) -> None:
    """A locked draft becomes immutable."""
    await work.execute(
        "UPDATE minutes SET state = 'approved', number = $3, approval = $4, approved_at = $5, pdf_sha256 = $6, "
        "pdf_sealed = $7, html_sealed = $8, version = version + 1, changed_at = $5, changed_by = $9 "
        "WHERE territory = $1 AND meeting_id = $2 AND state = 'draft'",
        *(work.territory, meeting_id, values["number"], json.dumps(values["approval"]), work.now),
        *(values["pdf_sha256"], values["pdf_sealed"], values["html_sealed"], by),
    )


async def sealed_file(work: Work, meeting_id: UUID, column: str) -> bytes | None:
    """`pdf_sealed` or `html_sealed` of approved minutes."""
    assert column in ("pdf_sealed", "html_sealed")  # noqa: S101
    found: bytes | None = await work.fetchval(
        f"SELECT {column} FROM minutes WHERE territory = $1 AND meeting_id = $2", work.territory, meeting_id
    )
    return found
