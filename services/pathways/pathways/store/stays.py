"""Rows of stays, and what of pathways they bear on."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from kit import rows
from kit.work import Record, Work

TABLE = "stay"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('stays|' || $1, 0))"
_BY_NUMBER = "SELECT * FROM stay WHERE territory = $1 AND finess = $2 AND number_index = $3"
_STANDING = """
SELECT * FROM stay WHERE territory = $1 AND patient_id = $2 AND kind = 'stay' AND NOT cancelled ORDER BY arrived_on, id
"""
_CONTACT = """
SELECT m.role, substr(m.person, 6) AS rpps FROM team_member m
WHERE m.patient_id = $1 AND m.role = ANY($2::text[]) AND m.person LIKE 'rpps:%'
  AND m.starts_at <= $3 AND (m.ends_at IS NULL OR m.ends_at > $3)
ORDER BY array_position($2::text[], m.role), m.id LIMIT 1
"""


async def lock(work: Work) -> None:
    """Stays of a territory are told one after the other: a later one of a patient sees the earlier."""
    await work.execute(_LOCK, work.territory)


async def by_number(work: Work, finess: str, number_index: bytes) -> Record | None:
    return await work.fetchrow(_BY_NUMBER, work.territory, finess, number_index)


async def standing(work: Work, patient_id: UUID) -> list[Record]:
    """Stays of a patient that were not cancelled, the earliest first; no emergency visits."""
    return await work.fetch(_STANDING, work.territory, patient_id)


async def contact(work: Work, patient_id: UUID, roles: Collection[str]) -> Record | None:
    """The member of the care team to be called: the first role that somebody with an RPPS number has."""
    return await work.fetchrow(_CONTACT, patient_id, list(roles), work.now)


async def of_patient(
    work: Work, patient_id: UUID, *, until: datetime | None, after: UUID | None, limit: int
) -> list[Record]:
    """The newest told first."""
    return await rows.listed(
        work, TABLE, [("patient_id = ?", patient_id)], latest_first=True, until=until, after=after, limit=limit
    )
