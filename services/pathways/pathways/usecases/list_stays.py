"""Emergency visits and stays of a patient, as hospitals told them."""

from datetime import datetime
from uuid import UUID

from kit.work import Record, Work
from pathways.store import stays
from pathways.usecases.access import Access


async def list_stays(
    work: Work, access: Access, patient_id: UUID, *, until: datetime | None, after: UUID | None, limit: int
) -> list[Record]:
    """The newest told first, one more than `limit`. Raises Problem 403, 404 or 410."""
    await access.check(patient_id, "clinical")
    return await stays.of_patient(work, patient_id, until=until, after=after, limit=limit + 1)
