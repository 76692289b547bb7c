"""Visits that pathways ask for: which of the two tellings came, in whatever order."""

from uuid import UUID

from kit.work import Work

# Nothing is answered for what was told before; the row stays locked until the end of the transaction.
_WANTED = """
INSERT INTO visit_wish AS known (territory, id, wanted_at) VALUES ($1, $2, $3)
ON CONFLICT (territory, id) DO UPDATE SET wanted_at = excluded.wanted_at WHERE known.wanted_at IS NULL
RETURNING withdrawn_at IS NULL AS stands
"""
_WITHDRAWN = """
INSERT INTO visit_wish AS known (territory, id, withdrawn_at) VALUES ($1, $2, $3)
ON CONFLICT (territory, id) DO UPDATE SET withdrawn_at = excluded.withdrawn_at WHERE known.withdrawn_at IS NULL
RETURNING wanted_at IS NOT NULL AS opened
"""


async def wanted(work: Work, wish_id: UUID) -> bool:
    """Whether a call is to be opened: it was not asked for before, nor withdrawn."""
    return bool(await work.fetchval(_WANTED, work.territory, wish_id, work.now))


async def withdrawn(work: Work, wish_id: UUID) -> bool:
    """Whether a call may be open that is to be closed now."""
    return bool(await work.fetchval(_WITHDRAWN, work.territory, wish_id, work.now))
