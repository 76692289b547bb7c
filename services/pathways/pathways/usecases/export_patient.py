"""All that is known of a patient, for the patient (GDPR 15 and 20)."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from kit.crypto import UndecryptableError
from kit.work import Work
from pathways.store import accesses, held
from pathways.store.held import HELD, content_context
from pathways.store.patient_keys import PatientKeys
from pathways.store.seal import Seal
from pathways.usecases.access import Access
from pathways.usecases.show_patient import find_patient, identity_of

_ACCESSES = 10_000


@dataclass(frozen=True)
class Export:
    """The identity, the rows of every table, and who saw what (the latest)."""

    identity: dict[str, Any]
    tables: dict[str, list[dict[str, Any]]]
    accesses: list[dict[str, Any]]


async def export_patient(work: Work, access: Access, seal: Seal, patient_id: UUID) -> Export:
    """Raises Problem 403, 404 or 410."""
    await access.check(patient_id, "identity", purpose="patient_request", action="export")
    await access.check(patient_id, "clinical", purpose="patient_request", action="export")
    row = await find_patient(work, patient_id)
    keys = await seal.keys(work, patient_id)
    tables = await held.exported(work, patient_id)
    for it in HELD:
        tables[it.table] = [_opened(it.table, it.sealed, found, keys) for found in tables[it.table]]
    seen = await accesses.of_patient(work, patient_id, None, after=None, limit=_ACCESSES)
    entry = {"identity_status": row["identity_status"], "commune": row["commune"], "sex": row["sex"]}
    return Export({**asdict(identity_of(row, seal)), **entry}, tables, [dict(it) for it in seen])


def _opened(table: str, sealed: tuple[str, ...], row: dict[str, Any], keys: PatientKeys | None) -> dict[str, Any]:
    return {
        name: _text(keys, value, content_context(table, row["id"], name)) if name in sealed else value
        for name, value in row.items()
        if name in sealed or not isinstance(value, bytes)
    }


def _text(keys: PatientKeys | None, value: bytes | None, context: bytes) -> str | None:
    if keys is None or value is None:
        return None
    try:
        return keys.decrypt(value, context)
    except UndecryptableError:
        return None
