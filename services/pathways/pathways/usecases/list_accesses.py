"""Who saw what of a patient."""

from uuid import UUID

from kit.work import Record, Work
from pathways.store import accesses
from pathways.usecases.access import Access


async def list_accesses(
    work: Work, access: Access, patient_id: UUID, *, kind: str | None, after: UUID | None, limit: int
) -> list[Record]:
    """One more than `limit`, the newest first. Raises Problem 403 or 404 `patient_unknown`."""
    await access.check(patient_id, "trace")
    return await accesses.of_patient(work, patient_id, kind, after=after, limit=limit + 1)
