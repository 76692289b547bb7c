"""Who saw the identity of a patient."""

from uuid import UUID

from kit.work import Record, Work
from pathways.store import accesses
from pathways.usecases.show_patient import find_patient


async def list_accesses(work: Work, patient_id: UUID, after: UUID | None, limit: int) -> list[Record]:
    """One more than `limit`, the newest first. Raises Problem 404 `patient_unknown`."""
    await find_patient(work, patient_id)
    return await accesses.of_patient(work, patient_id, after, limit + 1)
