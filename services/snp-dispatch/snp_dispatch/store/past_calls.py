"""Calls of the past as they were stated and decided, page by page, for a replay."""

from datetime import datetime
from uuid import UUID

from kit.work import Record, Work

_PAGE = """
SELECT id, received_at, origin, caller, patient, need, constraints, contact_fields, outcome, redirect_to, conditions,
       policy_version
  FROM call
 WHERE territory = $1 AND received_at >= $2 AND received_at < $3 AND (received_at, id) > ($4, $5)
 ORDER BY received_at, id LIMIT $6
"""
_FIRST = UUID(int=0)


async def page(
    work: Work, since: datetime, until: datetime, after: tuple[datetime, UUID] | None, limit: int
) -> list[Record]:
    """Calls received in [since, until) after the one named, the earliest first."""
    received, call_id = after or (since, _FIRST)
    return await work.fetch(_PAGE, work.territory, since, until, received, call_id, limit)
