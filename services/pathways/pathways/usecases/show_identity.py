"""Reading who a patient is. Every reading is recorded in the same transaction as it is answered."""

from dataclasses import dataclass
from uuid import UUID

from kit.work import Work
from pathways.domain.patient import Identity, IdentityStatus
from pathways.store.seal import Seal
from pathways.usecases.access import Access
from pathways.usecases.show_patient import find_patient, identity_of


@dataclass(frozen=True)
class KnownIdentity:
    """An identity and how far it was checked."""

    patient_id: UUID
    identity: Identity
    status: IdentityStatus


async def show_identity(work: Work, access: Access, seal: Seal, patient_id: UUID, purpose: str) -> KnownIdentity:
    """Raises Problem 403 `access_refused` or 404 `patient_unknown`."""
    await access.check(patient_id, "identity", purpose=purpose)
    row = await find_patient(work, patient_id)
    return KnownIdentity(patient_id, identity_of(row, seal), row["identity_status"])
